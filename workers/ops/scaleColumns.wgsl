// y = magnitudes / norms x (+ bias), column by column; VEC: a thread makes four numbers, else one.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
  let column = i % shape.columns;
//@if VEC
  var value = magnitudes_4(column) / norms_4(column) * x_4(i);
//@else
  var value = magnitudes_at(column) / norms_at(column) * x_at(i);
//@end
//@if BIAS
//@if VEC
  value += bias_4(column);
//@else
  value += bias_at(column);
//@end
//@end
  y_put(i, value);
}
