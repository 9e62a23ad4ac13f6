// y[row] = |W_row + scale b_row a|. The threads of a workgroup lie as the weight does: TRANSPOSED, weight (rows, inner), all 64 along
// one row; else, weight (inner, rows), 16 along the rows and 4 for each of them. A thread holds 8 numbers of its row at a time.
const SHARES = 64u / ACROSS;
var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstRow = groupIndex(group, groups) * ACROSS;
  let row = min(firstRow + thread % ACROSS, shape.rows - 1u);
  var sum = 0.0;
  for (var begin = thread / ACROSS; begin < shape.inner; begin += 8u * SHARES) {
//@each i 8
    let k$i = min(begin + $iu * SHARES, shape.inner - 1u);
    var value$i = weightAt(row, k$i);
//@end
    for (var rank = 0u; rank < shape.rank; rank++) {
      let lift = shape.scale * b_at(row * shape.rank + rank);
      let low = rank * shape.inner;
//@each i 8
      value$i += lift * a_at(low + k$i);
//@end
    }
//@each i 8
    sum += select(0.0, value$i * value$i, begin + $iu * SHARES < shape.inner);
//@end
  }
  partial[thread] = sum;
  workgroupBarrier();

  if (thread >= ACROSS || firstRow + thread >= shape.rows) { return; }
  var squares = 0.0;
  for (var share = 0u; share < SHARES; share++) { squares += partial[share * ACROSS + thread]; }
  y_put(firstRow + thread, sqrt(squares));
}

fn weightAt(row: u32, k: u32) -> f32 {
//@if TRANSPOSED
  return weight_at(row * shape.inner + k);
//@else
  return weight_at(k * shape.rows + row);
//@end
}
