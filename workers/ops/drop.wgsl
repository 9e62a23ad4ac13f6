// y = drop(x); COMPLEMENT: x - drop(x). VEC: a thread makes four numbers, else one.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
  let key = dropoutKey();
//@if VEC
  let first = 4u * i;
  y_put(i, x_4(i) * vec4f(factor(key, first), factor(key, first + 1u), factor(key, first + 2u), factor(key, first + 3u)));
//@else
  y_put(i, x_at(i) * factor(key, i));
//@end
}

fn factor(key: u32, index: u32) -> f32 {
//@if COMPLEMENT
  return 1.0 - keepFactor(key, index);
//@else
  return keepFactor(key, index);
//@end
}
