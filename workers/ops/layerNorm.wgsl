// y = (x - mean) / sqrt(var + epsilon) * weight + bias, biased variance in two passes; with RESIDUAL of x + residual, which is also
// written. A row's columns, in shape.steps ones or fours, are shared by LANES threads.
fn scaled(value: Numbers, c: u32) -> Numbers {
//@if VEC
  return value * weight_4(c) + bias_4(c);
//@else
  return value * weight_at(c) + bias_at(c);
//@end
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = row < extent(shape.rows);
  let steps = select(0u, shape.steps, present);
  let begin = row * shape.steps;

  var sum = Numbers();
  for (var c = lane; c < steps; c += LANES) { sum += valueAt(begin + c); }
  let mean = rowSum(vec2f(sumOf(sum), 0.0), thread).x / f32(shape.columns);

  var squares = Numbers();
  for (var c = lane; c < steps; c += LANES) {
    let d = valueAt(begin + c) - mean;
    squares += d * d;
  }
  let scale = 1.0 / sqrt(rowSum(vec2f(sumOf(squares), 0.0), thread).x / f32(shape.columns) + shape.epsilon);

  for (var c = lane; c < steps; c += LANES) {
    let value = valueAt(begin + c);
//@if RESIDUAL
    sumOut_put(begin + c, value);
//@end
    y_put(begin + c, scaled((value - mean) * scale, c));
  }
  if (present && lane == 0u) {
    stats_put(2u * row, mean);
    stats_put(2u * row + 1u, scale);
  }
}
