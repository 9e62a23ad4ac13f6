// One workgroup: the sum over texts of lossWeight * -log softmax(logits)[label], WEIGHTED: times the text's weight. A thread takes every 64th text.
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var row = thread; row < extent(shape.rows); row += 64u) {
    let begin = row * shape.columns;
    var highest = logits_at(begin);
    for (var c = 1u; c < shape.columns; c++) { highest = max(highest, logits_at(begin + c)); }
    var total = 0.0;
    for (var c = 0u; c < shape.columns; c++) { total += exp(logits_at(begin + c) - highest); }
    let loss = batch.lossWeight * (log(total) + highest - logits_at(begin + labels_at(row)));
//@if WEIGHTED
    sum += targetWeights_at(row) * loss;
//@else
    sum += loss;
//@end
  }
  let result = workgroupSum(sum, thread);
  if (thread == 0u) { loss_put(0, result); }
}
