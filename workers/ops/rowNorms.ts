import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual, ShapeError } from '../engine/shape';
import type { RowNormsAttributes } from './attributes';
import { rowNormsKernel } from './rowNorms.kernel';
import { firstInputs, sizes } from './shared/inputs';

const name = 'rowNorms';

/**
 * weight (K, N) or (N, K) when `transposed`, a (r, K), b (N, r) -> (N, 1): for each output of an adapted layer the length of its
 * row of the adapted weight, |W_n + scale b_n a|. A constant to the backward pass. DoRA's, Liu et al. 2024.
 */
export const rowNorms: OpDefinition<RowNormsAttributes> = {
  name,
  backward: null,
  kernel: rowNormsKernel,

  inferShape(shapes, { transposed }) {
    const [weight, a, b] = firstInputs(shapes, 3, name);
    const [first, second] = matrix(weight, 'rowNorms weight');
    const [rank, inner] = matrix(a, 'rowNorms a');
    const [outer, otherRank] = matrix(b, 'rowNorms b');
    requireEqual(inner, transposed ? second : first, 'The width of a and the inner size of the weight', [...shapes]);
    requireEqual(outer, transposed ? first : second, 'The rows of b and the outputs of the weight', [...shapes]);
    requireEqual(rank, otherRank, 'The ranks of a and b', [...shapes]);
    if (typeof outer !== 'number') throw new ShapeError(`rowNorms b must have a fixed number of rows, not ${outer}.`);
    return [[outer, 1]];
  },

  reference(inputs, shapes, { transposed, scale }) {
    const [weight, a, b] = firstInputs(inputs, 3, name);
    const [rank, inner] = sizes(shapes, 1);
    const [outer] = sizes(shapes, 2);
    return [
      Float64Array.from({ length: outer }, (_, row) => {
        let squares = 0;
        for (let k = 0; k < inner; k++) {
          let value = weight[transposed ? row * inner + k : k * outer + row]!;
          for (let at = 0; at < rank; at++) value += scale * b[row * rank + at]! * a[at * inner + k]!;
          squares += value * value;
        }
        return Math.sqrt(squares);
      }),
    ];
  },

  // |W + s B A|^2 = |W|^2 + 2 s B (A W^T) + s^2 B (A A^T) B^T, row by row: the sum of both matrices is never made.
  tfjs({ tf }, inputs, { transposed, scale }) {
    const [weight, a, b] = firstInputs(inputs, 3, name);
    const own = tf.sum(tf.square(weight), transposed ? 1 : 0);
    const met = transposed ? tf.matMul(weight, tf.transpose(a)) : tf.transpose(tf.matMul(a, weight));
    const gram = tf.matMul(a, tf.transpose(a));
    const lifted = tf.add(tf.mul(met, 2 * scale), tf.mul(tf.matMul(b, gram), scale * scale));
    const squares = tf.add(own, tf.sum(tf.mul(b, lifted), 1));
    return [tf.reshape(tf.sqrt(squares), [-1, 1])];
  },
};
