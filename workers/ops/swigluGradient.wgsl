// dgate = dy up silu'(gate) and dup = dy silu(gate), for every element; VEC: four at a time.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
//@if VEC
  let dy = dy_4(i);
  let gate = gate_4(i);
  let up = up_4(i);
//@else
  let dy = vec4f(dy_at(i));
  let gate = vec4f(gate_at(i));
  let up = vec4f(up_at(i));
//@end
  let s = sigmoid(gate);
  let dgate = dy * up * s * (1.0 + gate * (1.0 - s));
  let dup = dy * gate * s;
//@if VEC
  dgate_put(i, dgate);
  dup_put(i, dup);
//@else
  dgate_put(i, dgate.x);
  dup_put(i, dup.x);
//@end
}
