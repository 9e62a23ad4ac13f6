import type * as tf from '@tensorflow/tfjs-core';
import { lossScaleSize } from '../engine/lossScale';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { requireEqual, type Shape } from '../engine/shape';
import { adamWKernel } from './adamW.kernel';
import type { AdamWAttributes } from './attributes';
import { firstInputs, optionalInput, requireLossScale, vector } from './shared/inputs';

const name = 'adamW';

/** As torch's clip_grad_norm_ has it: added to the norm before dividing by it. */
const clipEpsilon = 1e-6;

/**
 * parameters, gradients, firstMoment, secondMoment (P), norm (1), lossScale? (4) -> the new parameters, firstMoment and secondMoment.
 * The gradients are clipped to the step's maxGradNorm first (0: not at all); the order of things is torch.optim.AdamW's. With a loss scale
 * the gradients are those of the scaled loss, the norm is not; a step whose norm is not finite changes nothing, and the bias
 * corrections come from the loss scale's state, which does not count such steps. The first `undecayed` parameters have no weight decay.
 */
export const adamW: OpDefinition<AdamWAttributes> = {
  name,
  backward: null,
  kernel: adamWKernel,

  inferShape(shapes) {
    const inputs = firstInputs(shapes, 5, name);
    const [parameters, gradients, firstMoment, secondMoment, norm] = inputs;
    const size = vector(parameters, 'adamW parameters');
    const others: [string, Shape][] = [
      ['gradients', gradients],
      ['firstMoment', firstMoment],
      ['secondMoment', secondMoment],
    ];
    for (const [what, shape] of others) {
      requireEqual(size, vector(shape, `adamW ${what}`), `The lengths of parameters and ${what}`, inputs);
    }
    requireEqual(vector(norm, 'adamW norm'), 1, 'The length of norm and 1', inputs);
    requireLossScale(shapes, 5, name);
    return [parameters, parameters, parameters];
  },

  reference(inputs, _, { beta1, beta2, epsilon, undecayed }, { step }) {
    const [parameters, gradients, firstMoment, secondMoment, norm] = firstInputs(inputs, 5, name);
    const { learningRate, weightDecay, maxGradNorm } = step;
    const lossScale = optionalInput(inputs, 5);
    if (lossScale && !Number.isFinite(norm[0])) return [parameters, firstMoment, secondMoment].map((state) => state.slice());
    const [scale = 1, , before1 = 0, before2 = 0] = lossScale ?? [];
    const correction1 = lossScale ? before1 + (1 - beta1) * (1 - before1) : step.correction1;
    const correction2 = lossScale ? before2 + (1 - beta2) * (1 - before2) : step.correction2;
    const factor = (maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm[0]! + clipEpsilon)) : 1) / scale;
    const first = firstMoment.map((moment, index) => beta1 * moment + (1 - beta1) * factor * gradients[index]!);
    const second = secondMoment.map((moment, index) => beta2 * moment + (1 - beta2) * (factor * gradients[index]!) ** 2);
    const updated = parameters.map((parameter, index) => {
      const denominator = Math.sqrt(second[index]!) / Math.sqrt(correction2) + epsilon;
      const decay = index < undecayed ? 1 : 1 - learningRate * weightDecay;
      return parameter * decay - ((learningRate / correction1) * first[index]!) / denominator;
    });
    return [updated, first, second];
  },

  tfjs({ tf, step }, inputs, attributes) {
    const [parameters, raw, firstMoment, secondMoment, norm] = firstInputs(inputs, 5, name);
    const { beta1, beta2, epsilon, undecayed } = attributes;
    const { learningRate, weightDecay, maxGradNorm } = step;
    const lossScale = optionalInput(inputs, 5);
    const { scale, correction1, correction2 } = lossScale ? scaledStep(tf, lossScale, attributes) : { ...step, scale: 1 };
    const unscaled = lossScale ? tf.div(raw, scale) : raw;
    const clip = tf.minimum(tf.div(maxGradNorm, tf.add(norm, clipEpsilon)), 1);
    const gradients = maxGradNorm > 0 ? tf.mul(unscaled, clip) : unscaled;
    const first = tf.add(tf.mul(firstMoment, beta1), tf.mul(gradients, 1 - beta1));
    const second = tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(gradients), 1 - beta2));
    const denominator = tf.add(tf.div(tf.sqrt(second), tf.sqrt(correction2)), epsilon);
    const change = tf.mul(tf.div(first, denominator), tf.div(learningRate, correction1));
    const updated = [tf.sub(decayed(tf, parameters, 1 - learningRate * weightDecay, undecayed), change), first, second];
    if (!lossScale) return updated;
    const finite = tf.isFinite(norm);
    return [parameters, firstMoment, secondMoment].map((before, index) => tf.where(finite, updated[index] ?? before, before));
  },
};

/** The parameters times `decay`, the first `undecayed` as they are. */
function decayed(tf: TfjsContext['tf'], parameters: tf.Tensor, decay: number, undecayed: number): tf.Tensor {
  const kept = Math.min(undecayed, parameters.size);
  if (kept === 0 || decay === 1) return tf.mul(parameters, decay);
  return tf.concat([tf.slice(parameters, 0, kept), tf.mul(tf.slice(parameters, kept), decay)]);
}

/** The scale, and the bias corrections with this step counted. */
function scaledStep(tf: TfjsContext['tf'], lossScale: tf.Tensor, { beta1, beta2 }: AdamWAttributes) {
  const [scale, , before1, before2] = tf.split(lossScale, lossScaleSize);
  if (!scale || !before1 || !before2) throw new Error('The loss scale has four numbers.');
  return {
    scale,
    correction1: tf.add(before1, tf.mul(tf.sub(1, before1), 1 - beta1)),
    correction2: tf.add(before2, tf.mul(tf.sub(1, before2), 1 - beta2)),
  };
}
