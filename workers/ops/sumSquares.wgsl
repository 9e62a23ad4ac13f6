// Part i: the squares of the elements from i * length up to (i + 1) * length; infinity where one of them is not finite.
var<workgroup> overflows: atomic<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let part = groupIndex(group, groups);
  let end = min((part + 1u) * shape.length, shape.size);
  var sum = 0.0;
  for (var i = part * shape.length + thread; i < end; i += 64u) {
    let value = gradients_at(i);
    if (isFinite(value)) { sum += value * value; } else { atomicOr(&overflows, 1u); }
  }
  let total = workgroupSum(sum, thread);
  if (thread == 0u && part < shape.parts) { partials_put(part, select(total, infinity(), atomicLoad(&overflows) != 0u)); }
}
