// One workgroup: the sum over rows of lossWeight * (log-sum-exp - the label's logit).
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var row = thread; row < extent(shape.rows); row += 64u) {
    sum += batch.lossWeight * (statistics_at(2u * row) - statistics_at(2u * row + 1u));
  }
  let result = workgroupSum(sum, thread);
  if (thread == 0u) { loss_put(0u, result); }
}
