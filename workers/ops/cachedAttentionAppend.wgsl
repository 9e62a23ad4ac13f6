// Keys and values of the new rows, the last `width` columns of qkv, into their sequences' next places.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / shape.width;
  let column = i % shape.width;
  if (row >= extent(shape.rows)) { return; }
  let segment = rowSegments_at(row);
  let place = places_at(2u * segment) + places_at(2u * segment + 1u) + row - segmentOffsets_at(segment);
  kept_put(place * shape.width + column, qkv_at(row * shape.columns + shape.columns - shape.width + column));
}
