import type { OpDefinition } from '../engine/op';
import type { NoAttributes } from './attributes';
import { crossEntropyKernel } from './crossEntropy.kernel';
import { requireLogits, targetsTfjs } from './crossEntropyGradient';
import { firstInputs, sizes } from './shared/inputs';
import { sumsChoice } from './shared/sums';

const name = 'crossEntropy';

/** logits (S, L), labels (S) -> (1): the sum over texts of lossWeight * -log softmax(logits)[label]. */
export const crossEntropy: OpDefinition<NoAttributes> = {
  name,
  kernel: crossEntropyKernel,
  choices: [sumsChoice],

  inferShape(shapes) {
    requireLogits(shapes, name);
    return [[1]];
  },

  backward({ graph, node, needs }) {
    const [logits, labels] = firstInputs(node.inputs, 2, name);
    return [needs[0] ? graph.one('crossEntropyGradient', [logits, labels]) : null];
  },

  reference(inputs, shapes, _, { step }) {
    const [logits, labels] = firstInputs(inputs, 2, name);
    const [rows, classes] = sizes(shapes, 0);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      const highest = Math.max(...own);
      const logSum = highest + Math.log(own.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
      loss += step.lossWeight * (logSum - own[labels[row]!]!);
    }
    return [Float64Array.of(loss)];
  },

  tfjs(context, inputs) {
    const { tf, step } = context;
    const [logits] = firstInputs(inputs, 1, name);
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const logSums = tf.log(tf.sum(tf.exp(shifted), 1));
    const chosen = tf.sum(tf.mul(targetsTfjs(context, logits), shifted), 1);
    return [tf.reshape(tf.mul(tf.sum(tf.sub(logSums, chosen)), step.lossWeight), [1])];
  },
};
