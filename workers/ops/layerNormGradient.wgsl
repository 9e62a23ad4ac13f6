// dx = (g - mean(g) - n mean(g n)) scale, with g = dy weight and n the normalised x; plus carry, and once more for products. A row's columns, in shape.steps
// ones or fours, are shared by LANES threads.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = row < extent(shape.rows);
  let steps = select(0u, shape.steps, present);
  let begin = row * shape.steps;
  let safeRow = select(0u, row, present);
  let mean = stats_at(2u * safeRow);
  let scale = stats_at(2u * safeRow + 1u);

  var gradients = Numbers();
  var products = Numbers();
  for (var c = lane; c < steps; c += LANES) {
    let g = scaledGradient(begin + c, c);
    gradients += g;
    products += g * (valueAt(begin + c) - mean) * scale;
  }
  let means = rowSum(vec2f(sumOf(gradients), sumOf(products)), thread) / f32(shape.columns);

  for (var c = lane; c < steps; c += LANES) {
    let g = scaledGradient(begin + c, c);
    var gradient = (g - means.x - (valueAt(begin + c) - mean) * scale * means.y) * scale;
//@if CARRY
    gradient += carriedAt(begin + c);
//@end
    dx_put(begin + c, gradient);
//@if COPY
    copy_put(begin + c, gradient);
//@end
  }
}
