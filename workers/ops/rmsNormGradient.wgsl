// dx = (g - x scale^2 mean(g x)) scale, with g = dy weight; plus carry, and once more for products. A row's columns, in shape.steps ones or fours, are shared by
// LANES threads.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = row < extent(shape.rows);
  let steps = select(0u, shape.steps, present);
  let begin = row * shape.steps;
  let scale = stats_at(select(0u, row, present));

  var products = Numbers();
  for (var c = lane; c < steps; c += LANES) { products += scaledGradient(begin + c, c) * valueAt(begin + c) * scale; }
  let slope = scale * rowSum(vec2f(sumOf(products), 0.0), thread).x / f32(shape.columns);

  for (var c = lane; c < steps; c += LANES) {
    var gradient = (scaledGradient(begin + c, c) - valueAt(begin + c) * slope) * scale;
//@if CARRY
    gradient += carriedAt(begin + c);
//@end
    dx_put(begin + c, gradient);
//@if COPY
    copy_put(begin + c, gradient);
//@end
  }
}
