// y[column] = sum over rows of dy x, / norms[column]. Sixteen threads lie along the columns, so that they read what lies together; the
// others share the rows, four of which are on their way at a time. SLICE: y is a gradient slice and may be added to.
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
    let at$i = min(row + $iu * SHARES, rows - 1u) * shape.columns + own;
    let product$i = dy_at(at$i) * x_at(at$i);
//@end
//@each i 4
    sum += select(0.0, product$i, row + $iu * SHARES < rows);
//@end
  }
  partial[thread] = sum;
  workgroupBarrier();

  let column = firstColumn + thread;
  if (thread >= ACROSS || column >= shape.columns) { return; }
  var total = 0.0;
  for (var share = 0u; share < SHARES; share++) { total += partial[share * ACROSS + thread]; }
  let value = total / norms_at(column);
//@if SLICE
  y_put(column, select(value, y[column] + value, batch.accumulate != 0u));
//@else
  y_put(column, value);
//@end
}
