// Decoupled weight decay, then Adam with bias correction; gradients clipped by their global norm as torch.nn.utils.clip_grad_norm_
// does (1e-6 in the denominator). SCALED: the gradients are those of a scaled loss, a step whose norm is not finite changes
// nothing, and the bias corrections count the steps that were not skipped. The first `undecayed` parameters do not decay.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= shape.size) { return; }
  var clip = 1.0;
//@if SCALED
  if (!isFinite(norm_at(0u))) { return; }
  let correction1 = lossScale_at(2u) + shape.rest1 * (1.0 - lossScale_at(2u));
  let correction2 = lossScale_at(3u) + shape.rest2 * (1.0 - lossScale_at(3u));
  let unscaled = gradients_at(i) / lossScale_at(0u);
//@else
  let correction1 = batch.correction1;
  let correction2 = batch.correction2;
  let unscaled = gradients_at(i);
//@end
  if (batch.maxGradNorm > 0.0) { clip = min(1.0, batch.maxGradNorm / (norm_at(0u) + 1e-6)); }
  let gradient = unscaled * clip;
  let first = shape.beta1 * firstMoment_at(i) + shape.rest1 * gradient;
  let second = shape.beta2 * secondMoment_at(i) + shape.rest2 * gradient * gradient;
  firstMoment_put(i, first);
  secondMoment_put(i, second);
  let weightDecay = select(batch.weightDecay, 0.0, i < shape.undecayed);
  let decayed = parameters_at(i) * (1.0 - batch.learningRate * weightDecay);
  let denominator = sqrt(second) / sqrt(correction2) + shape.epsilon;
  parameters_put(i, decayed - batch.learningRate / correction1 * first / denominator);
}
