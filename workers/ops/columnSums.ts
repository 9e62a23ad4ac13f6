import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { matrix, requireEqual, ShapeError, type Shape } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { columnSumsKernel } from './columnSums.kernel';
import { requireColumnFactors } from './shared/columnFactors';
import { firstInputs, optionalInput, sizes } from './shared/inputs';

const name = 'columnSums';

/**
 * dy (R, N), x? (R, N), stats? (R, 1) or (R, 2), norms? (N, 1) -> the sum of each column of dy, or of dy x; x is first brought to
 * what a norm makes of it before its weight: with stats of one column x stats, with those of two (x - mean) / deviation. With
 * norms each sum is divided by its norm. (N), with norms (N, 1). What biases, norms' weights and DoRA's magnitudes have as gradients.
 */
export const columnSums: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: columnSumsKernel,
  halves: { inputs: [0, 1], outputs: [] },
  accumulates: true,

  inferShape(shapes) {
    const [dy] = firstInputs(shapes, 1, name);
    const [x, stats, norms] = [1, 2, 3].map((index) => optionalInput(shapes, index));
    const [rows, columns] = matrix(dy, 'columnSums dy');
    if (x) {
      const [otherRows, otherColumns] = matrix(x, 'columnSums x');
      requireEqual(rows, otherRows, 'The rows of dy and x', [...shapes]);
      requireEqual(columns, otherColumns, 'The columns of dy and x', [...shapes]);
    }
    if (stats) requireStats(stats, Boolean(x), shapes);
    if (!norms) return [[columns]];
    requireColumnFactors(columns, norms, 'norms', shapes);
    return [norms];
  },

  reference(inputs, shapes) {
    const [dy] = firstInputs(inputs, 1, name);
    const [x, stats, norms] = [1, 2, 3].map((index) => optionalInput(inputs, index));
    const [, columns] = sizes(shapes, 0);
    const [, statsWidth] = sizes(shapes, 2);
    const sums = new Float64Array(columns);
    dy.forEach((gradient, index) => {
      const row = Math.floor(index / columns);
      const mean = stats && statsWidth === 2 ? stats[2 * row]! : 0;
      const scale = stats ? stats[statsWidth * row + statsWidth - 1]! : 1;
      sums[index % columns]! += gradient * (x ? (x[index]! - mean) * scale : 1);
    });
    return [norms ? sums.map((sum, column) => sum / norms[column]!) : sums];
  },

  tfjs(context, inputs) {
    const { tf } = context;
    const [dy] = firstInputs(inputs, 1, name);
    const [x, stats, norms] = [1, 2, 3].map((index) => optionalInput(inputs, index));
    const sums = tf.sum(x ? tf.mul(dy, normed(context, x, stats ?? null)) : dy, 0);
    return [norms ? tf.div(tf.reshape(sums, [-1, 1]), norms) : sums];
  },
};

function normed({ tf }: TfjsContext, x: tf.Tensor, stats: tf.Tensor | null): tf.Tensor {
  if (!stats) return x;
  if (stats.shape[1] === 1) return tf.mul(x, stats);
  const [mean, inverse] = tf.split(stats, 2, 1);
  return mean && inverse ? tf.mul(tf.sub(x, mean), inverse) : x;
}

function requireStats(stats: Shape, hasX: boolean, shapes: readonly (Shape | null)[]): void {
  const [rows, columns] = matrix(stats, 'columnSums stats');
  requireEqual(rows, shapes[0]?.[0], 'The rows of dy and stats', [...shapes]);
  if (columns !== 1 && columns !== 2) throw new ShapeError(`columnSums stats have one column or two, not ${columns}.`);
  if (!hasX) throw new ShapeError('columnSums takes stats with the input x, whose they are.');
}
