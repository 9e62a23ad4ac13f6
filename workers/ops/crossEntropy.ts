import type { Value } from '../engine/graph';
import type { OpDefinition } from '../engine/op';
import type { NoAttributes } from './attributes';
import { crossEntropyKernel } from './crossEntropy.kernel';
import { requireLogits, requireTargetWeights, targetsTfjs } from './crossEntropyGradient';
import { firstInputs, optionalInput, sizes } from './shared/inputs';
import { sumsChoice } from './shared/sums';

const name = 'crossEntropy';

/**
 * logits (S, L), labels (S), targetWeights? (S) -> (1): the sum over texts of lossWeight * targetWeight * -log softmax(logits)[label].
 * With lossWeight = 1 / the sum of the weights it is PyTorch's CrossEntropyLoss(weight), whose mean divides by that sum.
 */
export const crossEntropy: OpDefinition<NoAttributes> = {
  name,
  kernel: crossEntropyKernel,
  choices: [sumsChoice],

  inferShape(shapes) {
    requireTargetWeights(shapes, 2, name);
    requireLogits(shapes, name);
    return [[1]];
  },

  backward({ graph, node, needs }) {
    const [logits, labels] = firstInputs(node.inputs, 2, name);
    const gradient = (): Value => graph.one('crossEntropyGradient', [logits, labels, null, optionalInput(node.inputs, 2)]);
    return [needs[0] ? gradient() : null];
  },

  reference(inputs, shapes, _, { step }) {
    const [logits, labels] = firstInputs(inputs, 2, name);
    const weights = optionalInput(inputs, 2);
    const [rows, classes] = sizes(shapes, 0);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      const highest = Math.max(...own);
      const logSum = highest + Math.log(own.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
      loss += step.lossWeight * (weights?.[row] ?? 1) * (logSum - own[labels[row]!]!);
    }
    return [Float64Array.of(loss)];
  },

  tfjs(context, inputs) {
    const { tf, step } = context;
    const [logits] = firstInputs(inputs, 1, name);
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const logSums = tf.log(tf.sum(tf.exp(shifted), 1));
    const chosen = tf.sum(tf.mul(targetsTfjs(context, logits), shifted), 1);
    const losses = tf.sub(logSums, chosen);
    const weights = optionalInput(inputs, 2);
    return [tf.reshape(tf.mul(tf.sum(weights ? tf.mul(losses, weights) : losses), step.lossWeight), [1])];
  },
};
