import type { OpDefinition } from '../engine/op';
import { ShapeError } from '../engine/shape';
import type { SumSquaresAttributes } from './attributes';
import { firstInputs, vector } from './shared/inputs';
import { sumSquaresKernel } from './sumSquares.kernel';
import { sumsChoice } from './shared/sums';

const name = 'sumSquares';

/** gradients (P) -> (parts): the sums of squares of consecutive stretches of ceil(P / parts) elements; no finite number where one of them is none. */
export const sumSquares: OpDefinition<SumSquaresAttributes> = {
  name,
  backward: null,
  kernel: sumSquaresKernel,
  choices: [sumsChoice],

  inferShape(shapes, { parts }) {
    vector(firstInputs(shapes, 1, name)[0], 'sumSquares gradients');
    if (!Number.isInteger(parts) || parts < 1) throw new ShapeError(`sumSquares needs one part or more, not ${parts}.`);
    return [[parts]];
  },

  reference(inputs, _, { parts }) {
    const [gradients] = firstInputs(inputs, 1, name);
    const stretch = Math.ceil(gradients.length / parts);
    const sums = new Float64Array(parts);
    gradients.forEach((gradient, index) => (sums[Math.floor(index / stretch)]! += gradient * gradient));
    return [sums];
  },

  tfjs({ tf }, inputs, { parts }) {
    const [gradients] = firstInputs(inputs, 1, name);
    const stretch = Math.ceil(gradients.size / parts);
    const padded = tf.pad(gradients, [[0, stretch * parts - gradients.size]]);
    return [tf.sum(tf.square(tf.reshape(padded, [parts, stretch])), 1)];
  },
};
