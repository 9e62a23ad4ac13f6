// A chunk of the vocabulary: each row's log-sum-exp so far and, once its label has passed, that one's logit. A workgroup a row.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups);
  let present = row < extent(shape.rows);
  let entries = select(0u, shape.entries, present);
  let begin = row * shape.stride;
  var highest = -3.0e38;
  for (var c = thread; c < entries; c += 64u) { highest = max(highest, logits_at(begin + c)); }
  highest = workgroupMax(highest, thread);
  var total = 0.0;
  for (var c = thread; c < entries; c += 64u) { total += exp(logits_at(begin + c) - highest); }
  total = workgroupSum(total, thread);
  if (!present || thread != 0u) { return; }
  var logSum = highest + log(total);
  var chosen = 0.0;
  if (shape.first > 0u) {
    let before = statistics_at(2u * row);
    let top = max(before, logSum);
    logSum = top + log(exp(before - top) + exp(logSum - top));
    chosen = statistics_at(2u * row + 1u);
  }
  // Labels before the chunk wrap around to large numbers.
  let entry = labels_at(row) - shape.first;
  if (entry < shape.entries) { chosen = logits_at(begin + entry); }
  statistics_put(2u * row, logSum);
  statistics_put(2u * row + 1u, chosen);
}
