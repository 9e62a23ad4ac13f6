// y = scale * p^T drop(q), summed over rows. The narrower of p and q is NARROW_P or q: a workgroup makes 8 of its columns times 16 of
// the wide one's; 16 threads share the rows of one wide column, then add up. SLICE: y is a gradient slice and may be added to.
const NARROW = 8u;
const WIDE = 16u;
const SHARES = THREADS / WIDE;
var<workgroup> partial: array<vec4f, 2u * THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
//@if NARROW_P
  let narrowColumns = shape.pColumns;
  let wideColumns = shape.qColumns;
//@else
  let narrowColumns = shape.qColumns;
  let wideColumns = shape.pColumns;
//@end
  let narrowBegin = group.x * NARROW;
  let wideBegin = (group.y + tileOrigin.y) * WIDE;
  let wide = min(wideBegin + thread % WIDE, wideColumns - 1u);
//@each c 8
  let narrow$c = min(narrowBegin + $cu, narrowColumns - 1u);
//@end
//@if DROPOUT
  let key = dropoutKey();
//@end
  var low = vec4f();
  var high = vec4f();
  for (var row = thread / WIDE; row < extent(shape.rows); row += SHARES) {
    let narrowRow = row * narrowColumns;
    let wideRow = row * wideColumns;
    var lowValues = vec4f(narrowAt(narrowRow + narrow0), narrowAt(narrowRow + narrow1), narrowAt(narrowRow + narrow2), narrowAt(narrowRow + narrow3));
    var highValues = vec4f(narrowAt(narrowRow + narrow4), narrowAt(narrowRow + narrow5), narrowAt(narrowRow + narrow6), narrowAt(narrowRow + narrow7));
    var value = wideAt(wideRow + wide);
//@if DROPOUT
//@if NARROW_P
    value *= keepFactor(key, wideRow + wide);
//@else
    lowValues *= vec4f(keepFactor(key, narrowRow + narrow0), keepFactor(key, narrowRow + narrow1), keepFactor(key, narrowRow + narrow2), keepFactor(key, narrowRow + narrow3));
    highValues *= vec4f(keepFactor(key, narrowRow + narrow4), keepFactor(key, narrowRow + narrow5), keepFactor(key, narrowRow + narrow6), keepFactor(key, narrowRow + narrow7));
//@end
//@end
    low += value * lowValues;
    high += value * highValues;
  }
  partial[thread] = low;
  partial[thread + THREADS] = high;
  workgroupBarrier();

  if (thread >= 2u * WIDE) { return; }
  let half = thread / WIDE;
  let column = wideBegin + thread % WIDE;
  var sum = vec4f();
  for (var share = 0u; share < SHARES; share++) { sum += partial[half * THREADS + share * WIDE + thread % WIDE]; }
  if (column < wideColumns) {
    write(narrowBegin + half * 4u, column, sum.x);
    write(narrowBegin + half * 4u + 1u, column, sum.y);
    write(narrowBegin + half * 4u + 2u, column, sum.z);
    write(narrowBegin + half * 4u + 3u, column, sum.w);
  }
}

fn narrowAt(i: u32) -> f32 {
//@if NARROW_P
  return p_at(i);
//@else
  return q_at(i);
//@end
}

fn wideAt(i: u32) -> f32 {
//@if NARROW_P
  return q_at(i);
//@else
  return p_at(i);
//@end
}

fn write(narrow: u32, wide: u32, sum: f32) {
//@if NARROW_P
  if (narrow >= shape.pColumns) { return; }
  let at = narrow * shape.qColumns + wide;
//@else
  if (narrow >= shape.qColumns) { return; }
  let at = wide * shape.qColumns + narrow;
//@end
  let value = sum * shape.scale;
//@if SLICE
  y_put(at, select(value, y[at] + value, batch.accumulate != 0u));
//@else
  y_put(at, value);
//@end
}
