// y = combine(a, b) for every element; VEC: four at a time.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
//@if VEC
//@if BINARY
  y_put(i, combine(a_4(i), b_4(i)));
//@else
  y_put(i, combine(a_4(i), vec4f()));
//@end
//@else
//@if BINARY
  y_put(i, combine(vec4f(a_at(i)), vec4f(b_at(i))).x);
//@else
  y_put(i, combine(vec4f(a_at(i)), vec4f()).x);
//@end
//@end
}
