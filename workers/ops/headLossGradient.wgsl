// A chunk's logits become lossWeight * (softmax - onehot(label)), SCALED: times the loss scale; zero past the chunk's end.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / shape.stride;
  let column = i % shape.stride;
  if (row >= extent(shape.rows)) { return; }
//@if SCALED
  let weight = batch.lossWeight * lossScale_at(0u);
//@else
  let weight = batch.lossWeight;
//@end
  let probability = exp(logits_at(i) - statistics_at(2u * row));
  let gradient = weight * (probability - select(0.0, 1.0, column == labels_at(row) - shape.first));
  logits_put(i, select(0.0, gradient, column < shape.entries));
}
