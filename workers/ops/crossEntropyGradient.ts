import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual, type Shape } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { crossEntropyGradientKernel } from './crossEntropyGradient.kernel';
import { firstInputs, sizes, vector } from './shared/inputs';

const name = 'crossEntropyGradient';

/** logits (S, L), labels (S) -> lossWeight * (softmax(logits) - onehot(labels)) (S, L). */
export const crossEntropyGradient: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: crossEntropyGradientKernel,

  inferShape(shapes) {
    return [requireLogits(shapes, name)];
  },

  reference(inputs, shapes, _, { step }) {
    const [logits, labels] = firstInputs(inputs, 2, name);
    const [rows, classes] = sizes(shapes, 0);
    const gradient = new Float64Array(rows * classes);
    for (let row = 0; row < rows; row++) {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      const highest = Math.max(...own);
      const sum = own.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      own.forEach((logit, label) => {
        const share = Math.exp(logit - highest) / sum;
        gradient[row * classes + label] = step.lossWeight * (share - (label === labels[row] ? 1 : 0));
      });
    }
    return [gradient];
  },

  tfjs({ tf, step }, inputs) {
    const [logits, labels] = firstInputs(inputs, 2, name);
    const target = tf.oneHot(labels, logits.shape[1] ?? 0, 1, 0, 'float32');
    return [tf.mul(tf.sub(tf.softmax(logits), target), step.lossWeight)];
  },
};

/** The shape of the logits; throws a ShapeError where the labels do not fit them. */
export function requireLogits(shapes: readonly (Shape | null)[], op: string): Shape {
  const [logits, labels] = firstInputs(shapes, 2, op);
  const [rows] = matrix(logits, `${op} logits`);
  requireEqual(rows, vector(labels, `${op} labels`), 'The rows of logits and the length of labels', [...shapes]);
  return logits;
}
