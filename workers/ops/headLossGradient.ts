import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { HeadLossAttributes } from './attributes';
import { headScratch, logitsOf, requireHead } from './headLoss';
import { headLossGradientKernel } from './headLossGradient.kernel';
import { gatherTfjs } from './shared/gatherTfjs';
import { targetParts } from './shared/headTfjs';
import { firstInputs, optionalInput, requireLossScale, sizes } from './shared/inputs';
import { matmulChoices } from './shared/matmul/variants';

const name = 'headLossGradient';

/**
 * hidden (R, C), head (V, C), labels (R), statistics (R, 2) of headLoss, lossScale? (4) -> d loss / d hidden (R, C): lossWeight *
 * (softmax(hidden head^T) - onehot(labels)) head, times the loss scale. A chunk's logits are computed again.
 */
export const headLossGradient: OpDefinition<HeadLossAttributes> = {
  name,
  backward: null,
  kernel: headLossGradientKernel,
  choices: matmulChoices,
  halves: { inputs: [0], outputs: [] },

  inferShape(shapes, attributes) {
    const [rows, width] = requireHead(shapes, attributes, name);
    const [, , , statistics] = firstInputs(shapes, 4, name);
    const [ownRows, two] = matrix(statistics, `${name} statistics`);
    requireEqual(rows, ownRows, 'The rows of hidden and statistics', [...shapes]);
    requireEqual(two, 2, 'The columns of statistics and 2', [...shapes]);
    requireLossScale(shapes, 4, name);
    return [[rows, width]];
  },

  scratch: (shapes, attributes) => headScratch(shapes, attributes, name),

  reference(inputs, shapes, _, { step }) {
    const [hidden, head, labels, statistics] = firstInputs(inputs, 4, name);
    const weight = step.lossWeight * (optionalInput(inputs, 4)?.[0] ?? 1);
    const [rows, width] = sizes(shapes, 0);
    const [entries] = sizes(shapes, 1);
    const gradient = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      logitsOf(hidden, head, row, width, entries).forEach((logit, entry) => {
        const factor = weight * (Math.exp(logit - statistics[2 * row]!) - (entry === labels[row] ? 1 : 0));
        for (let at = 0; at < width; at++) gradient[row * width + at]! += factor * head[entry * width + at]!;
      });
    }
    return [gradient];
  },

  tfjs(context, inputs) {
    const { tf, step } = context;
    const [hidden, head, labels, statistics] = firstInputs(inputs, 4, name);
    const mixed = targetParts(context, hidden, head, ({ logits, first, count }) => [
      tf.matMul(tf.exp(tf.sub(logits, tf.slice(statistics, [first, 0], [count, 1]))) as typeof head, head),
    ]);
    const gradient = tf.mul(tf.sub(tf.concat(mixed), gatherTfjs(context, head, labels)), step.lossWeight);
    const lossScale = optionalInput(inputs, 4);
    return [lossScale ? tf.mul(gradient, tf.slice(lossScale, 0, 1)) : gradient];
  },
};
