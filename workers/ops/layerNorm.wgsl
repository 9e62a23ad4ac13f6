// y = (x - mean) / sqrt(var + epsilon) * weight + bias, biased variance in two passes; with RESIDUAL of x + residual, which is also
// written. A row's columns are shared by LANES threads.
fn valueAt(i: u32) -> f32 {
//@if RESIDUAL
  return x_at(i) + residual_at(i);
//@else
  return x_at(i);
//@end
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = row < extent(shape.rows);
  let columns = select(0u, shape.columns, present);
  let begin = row * shape.columns;

  var sum = 0.0;
  for (var c = lane; c < columns; c += LANES) { sum += valueAt(begin + c); }
  let mean = rowSum(vec2f(sum, 0.0), thread).x / f32(shape.columns);

  var squares = 0.0;
  for (var c = lane; c < columns; c += LANES) {
    let d = valueAt(begin + c) - mean;
    squares += d * d;
  }
  let scale = 1.0 / sqrt(rowSum(vec2f(squares, 0.0), thread).x / f32(shape.columns) + shape.epsilon);

  for (var c = lane; c < columns; c += LANES) {
    let value = valueAt(begin + c);
//@if RESIDUAL
    sumOut_put(begin + c, value);
//@end
    y_put(begin + c, (value - mean) * scale * weight_at(c) + bias_at(c));
  }
  if (present && lane == 0u) {
    stats_put(2u * row, mean);
    stats_put(2u * row + 1u, scale);
  }
}
