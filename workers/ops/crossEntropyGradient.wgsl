// lossWeight * (softmax(logits) - onehot(label)), SCALED: times the loss scale, WEIGHTED: times the text's weight; a workgroup a text.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = groupIndex(group, groups);
  let present = row < extent(shape.rows);
  let columns = select(0u, shape.columns, present);
  let begin = row * shape.columns;
  let label = labels_at(select(0u, row, present));
  var highest = -3.0e38;
  for (var c = thread; c < columns; c += 64u) { highest = max(highest, logits_at(begin + c)); }
  highest = workgroupMax(highest, thread);
  var total = 0.0;
  for (var c = thread; c < columns; c += 64u) { total += exp(logits_at(begin + c) - highest); }
  total = workgroupSum(total, thread);
//@if SCALED
  var weight = batch.lossWeight * lossScale_at(0u);
//@else
  var weight = batch.lossWeight;
//@end
//@if WEIGHTED
  weight *= targetWeights_at(select(0u, row, present));
//@end
  for (var c = thread; c < columns; c += 64u) {
    let probability = exp(logits_at(begin + c) - highest) / total;
    gradient_put(begin + c, weight * (probability - select(0.0, 1.0, c == label)));
  }
}
