// Writes a gradient into its slice, or adds it to what earlier micro-batches of this step left there.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
  let value = gradient_at(i);
  slice_put(i, select(value, slice[i] + value, batch.accumulate != 0u));
}
