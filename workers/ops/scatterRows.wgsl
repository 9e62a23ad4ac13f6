// y = base or 0, plus values[s] at row picked[s]. Every row asks its own segment s, so nothing is added twice at once.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / shape.columns;
  if (row >= extent(shape.rows)) { return; }
  let segment = segments_at(row);
//@if BASE
  var sum = base_at(i);
//@else
  var sum = 0.0;
//@end
  if (picked_at(segment) == row) { sum += values_at(segment * shape.columns + i % shape.columns); }
  y_put(i, sum);
}
