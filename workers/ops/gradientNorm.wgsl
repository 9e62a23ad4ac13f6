// One workgroup: the root of the sum of the partial sums.
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < shape.parts; i += 64u) { sum += partials_at(i); }
  let total = workgroupSum(sum, thread);
  if (thread == 0u) { norm_put(0, sqrt(total)); }
}
