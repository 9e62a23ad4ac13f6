import type { OpDefinition } from '../engine/op';
import { requireEqual, type Shape } from '../engine/shape';
import { adamWKernel } from './adamW.kernel';
import type { AdamWAttributes } from './attributes';
import { firstInputs, vector } from './shared/inputs';

const name = 'adamW';

/** As torch's clip_grad_norm_ has it: added to the norm before dividing by it. */
const clipEpsilon = 1e-6;

/**
 * parameters, gradients, firstMoment, secondMoment (P), norm (1) -> the new parameters, firstMoment and secondMoment.
 * The gradients are clipped to the step's maxGradNorm first (0: not at all); the order of things is torch.optim.AdamW's.
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
    return [parameters, parameters, parameters];
  },

  reference(inputs, _, { beta1, beta2, epsilon }, { step }) {
    const [parameters, gradients, firstMoment, secondMoment, norm] = firstInputs(inputs, 5, name);
    const { learningRate, weightDecay, maxGradNorm, correction1, correction2 } = step;
    const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm[0]! + clipEpsilon)) : 1;
    const first = firstMoment.map((moment, index) => beta1 * moment + (1 - beta1) * clip * gradients[index]!);
    const second = secondMoment.map((moment, index) => beta2 * moment + (1 - beta2) * (clip * gradients[index]!) ** 2);
    const updated = parameters.map((parameter, index) => {
      const denominator = Math.sqrt(second[index]!) / Math.sqrt(correction2) + epsilon;
      return parameter * (1 - learningRate * weightDecay) - ((learningRate / correction1) * first[index]!) / denominator;
    });
    return [updated, first, second];
  },

  tfjs({ tf, step }, inputs, { beta1, beta2, epsilon }) {
    const [parameters, raw, firstMoment, secondMoment, norm] = firstInputs(inputs, 5, name);
    const { learningRate, weightDecay, maxGradNorm, correction1, correction2 } = step;
    const clip = tf.minimum(tf.div(maxGradNorm, tf.add(norm, clipEpsilon)), 1);
    const gradients = maxGradNorm > 0 ? tf.mul(raw, clip) : raw;
    const first = tf.add(tf.mul(firstMoment, beta1), tf.mul(gradients, 1 - beta1));
    const second = tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(gradients), 1 - beta2));
    const denominator = tf.add(tf.mul(tf.sqrt(second), 1 / Math.sqrt(correction2)), epsilon);
    const change = tf.mul(tf.div(first, denominator), learningRate / correction1);
    return [tf.sub(tf.mul(parameters, 1 - learningRate * weightDecay), change), first, second];
  },
};
