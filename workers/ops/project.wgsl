// y = scale * drop(x) a (+ bias), for a narrow y: 64 threads share the inner dimension of 4 rows and 8 columns of y, then add up.
// RANK_IN: a is (columns of y, inner), else (inner, columns of y).
const ROWS = 4u;
const COLUMNS = 8u;
const STRIDE = 65u;
var<workgroup> partial: array<f32, 2080>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let rowBegin = (group.y + tileOrigin.y) * ROWS;
  let columnBegin = group.x * COLUMNS;
  let lastColumn = shape.columns - 1u;
//@each c 8
  let column$c = min(columnBegin + $cu, lastColumn);
//@end
//@each r 4
  let row$r = min(rowBegin + $ru, rows - 1u) * shape.inner;
  var low$r = vec4f();
  var high$r = vec4f();
//@end
//@if DROPOUT
  let key = dropoutKey();
//@end
  for (var k = thread; k < shape.inner; k += 64u) {
//@if RANK_IN
    let aLow = vec4f(a_at(column0 * shape.inner + k), a_at(column1 * shape.inner + k), a_at(column2 * shape.inner + k), a_at(column3 * shape.inner + k));
    let aHigh = vec4f(a_at(column4 * shape.inner + k), a_at(column5 * shape.inner + k), a_at(column6 * shape.inner + k), a_at(column7 * shape.inner + k));
//@else
    let at = k * shape.columns;
    let aLow = vec4f(a_at(at + column0), a_at(at + column1), a_at(at + column2), a_at(at + column3));
    let aHigh = vec4f(a_at(at + column4), a_at(at + column5), a_at(at + column6), a_at(at + column7));
//@end
//@each r 4
//@if DROPOUT
    let x$r = x_at(row$r + k) * keepFactor(key, row$r + k);
//@else
    let x$r = x_at(row$r + k);
//@end
    low$r += x$r * aLow;
    high$r += x$r * aHigh;
//@end
  }
//@if SUBGROUPS
  workgroupBarrier();
//@each r 4
  let lowSum$r = subgroupAdd(low$r);
  let highSum$r = subgroupAdd(high$r);
//@end
  if (leads(thread)) {
//@each r 4
    store($ru, thread, lowSum$r, highSum$r);
//@end
  }
//@else
//@each r 4
  store($ru, thread, low$r, high$r);
//@end
//@end
  workgroupBarrier();

  let row = rowBegin + thread / COLUMNS;
  let column = columnBegin + thread % COLUMNS;
  if (thread < ROWS * COLUMNS && row < rows && column < shape.columns) {
    var sum = 0.0;
//@if SUBGROUPS
    for (var word = 0u; word < 2u; word++) {
      for (var rest = atomicLoad(&leaders[word]); rest != 0u; rest &= rest - 1u) {
        sum += partial[thread * STRIDE + 32u * word + firstTrailingBit(rest)];
      }
    }
//@else
    for (var i = 0u; i < 64u; i++) { sum += partial[thread * STRIDE + i]; }
//@end
    sum *= shape.scale;
//@if BIAS
    sum += bias_at(column);
//@end
    y_put(row * shape.columns + column, sum);
  }
}

fn store(row: u32, thread: u32, low: vec4f, high: vec4f) {
  let at = row * COLUMNS * STRIDE + thread;
  partial[at] = low.x;
  partial[at + STRIDE] = low.y;
  partial[at + 2u * STRIDE] = low.z;
  partial[at + 3u * STRIDE] = low.w;
  partial[at + 4u * STRIDE] = high.x;
  partial[at + 5u * STRIDE] = high.y;
  partial[at + 6u * STRIDE] = high.z;
  partial[at + 7u * STRIDE] = high.w;
}
