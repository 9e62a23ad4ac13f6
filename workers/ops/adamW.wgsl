// Decoupled weight decay, then Adam with bias correction; gradients clipped by their global norm as torch.nn.utils.clip_grad_norm_
// does (1e-6 in the denominator).
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= shape.size) { return; }
  var clip = 1.0;
  if (batch.maxGradNorm > 0.0) { clip = min(1.0, batch.maxGradNorm / (norm_at(0u) + 1e-6)); }
  let gradient = gradients_at(i) * clip;
  let first = shape.beta1 * firstMoment_at(i) + shape.rest1 * gradient;
  let second = shape.beta2 * secondMoment_at(i) + shape.rest2 * gradient * gradient;
  firstMoment_put(i, first);
  secondMoment_put(i, second);
  let decayed = parameters_at(i) * (1.0 - batch.learningRate * batch.weightDecay);
  let denominator = sqrt(second) / sqrt(batch.correction2) + shape.epsilon;
  parameters_put(i, decayed - batch.learningRate / batch.correction1 * first / denominator);
}
