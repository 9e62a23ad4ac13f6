// dx = (g - mean(g) - n mean(g n)) scale, with g = dy weight and n the normalised x; plus carry.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = row < extent(shape.rows);
  let columns = select(0u, shape.columns, present);
  let begin = row * shape.columns;
  let safeRow = select(0u, row, present);
  let mean = stats_at(2u * safeRow);
  let scale = stats_at(2u * safeRow + 1u);

  var sums = vec2f();
  for (var c = lane; c < columns; c += LANES) {
    let g = dy_at(begin + c) * weight_at(c);
    sums += vec2f(g, g * (x_at(begin + c) - mean) * scale);
  }
  let means = rowSum(sums, thread) / f32(shape.columns);

  for (var c = lane; c < columns; c += LANES) {
    let g = dy_at(begin + c) * weight_at(c);
    var gradient = (g - means.x - (x_at(begin + c) - mean) * scale * means.y) * scale;
//@if CARRY
    gradient += carry_at(begin + c);
//@end
    dx_put(begin + c, gradient);
  }
}
