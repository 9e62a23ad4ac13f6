// y[column] = sum over rows of dy, or of dy x (PRODUCT) with x normed by its row's stats (SCALED: one number; CENTRED: mean and scale);
// DIVIDED: / norms[column]. Sixteen threads lie along the columns, so that they read what lies together; the others share the
// rows, four of which are on their way at a time. SLICE: y is a gradient slice and may be added to.
const SHARES = THREADS / ACROSS;
var<workgroup> partial: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let firstColumn = groupIndex(group, groups) * ACROSS;
  let own = min(firstColumn + thread % ACROSS, shape.columns - 1u);
  var sum = 0.0;
  for (var row = thread / ACROSS; row < rows; row += 4u * SHARES) {
//@each i 4
    let term$i = termOf(min(row + $iu * SHARES, rows - 1u), own);
//@end
//@each i 4
    sum += select(0.0, term$i, row + $iu * SHARES < rows);
//@end
  }
  partial[thread] = sum;
  workgroupBarrier();

  let column = firstColumn + thread;
  if (thread >= ACROSS || column >= shape.columns) { return; }
  var value = 0.0;
  for (var share = 0u; share < SHARES; share++) { value += partial[share * ACROSS + thread]; }
//@if DIVIDED
  value /= norms_at(column);
//@end
//@if SLICE
  y_put(column, select(value, y[column] + value, batch.accumulate != 0u));
//@else
  y_put(column, value);
//@end
}

fn termOf(row: u32, column: u32) -> f32 {
  let at = row * shape.columns + column;
//@if CENTRED
  return dy_at(at) * (x_at(at) - stats_at(2u * row)) * stats_at(2u * row + 1u);
//@else
//@if SCALED
  return dy_at(at) * x_at(at) * stats_at(row);
//@else
//@if PRODUCT
  return dy_at(at) * x_at(at);
//@else
  return dy_at(at);
//@end
//@end
//@end
}
