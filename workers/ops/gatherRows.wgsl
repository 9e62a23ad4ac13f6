// y[row] = x[picked[row]]; a thread moves one number, or four where VEC.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / shape.columns;
  if (row >= extent(shape.rows)) { return; }
  let at = picked_at(row) * shape.columns + i % shape.columns;
//@if VEC
  y_put(i, x_4(at));
//@else
  y_put(i, x_at(at));
//@end
}
