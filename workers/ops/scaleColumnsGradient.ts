import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { scaleColumnsGradientKernel } from './scaleColumnsGradient.kernel';
import { requireColumnFactors } from './shared/columnFactors';
import { firstInputs, sizes } from './shared/inputs';

const name = 'scaleColumnsGradient';

/** dy (R, N), x (R, N), norms (N, 1) -> the magnitudes' gradient (N, 1): each column's sum of dy x, divided by its norm. */
export const scaleColumnsGradient: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: scaleColumnsGradientKernel,
  halves: { inputs: [0, 1], outputs: [] },
  accumulates: true,

  inferShape(shapes) {
    const [dy, x, norms] = firstInputs(shapes, 3, name);
    const [rows, columns] = matrix(dy, 'scaleColumnsGradient dy');
    const [otherRows, otherColumns] = matrix(x, 'scaleColumnsGradient x');
    requireEqual(rows, otherRows, 'The rows of dy and x', [...shapes]);
    requireEqual(columns, otherColumns, 'The columns of dy and x', [...shapes]);
    requireColumnFactors(columns, norms, 'norms', shapes);
    return [norms];
  },

  reference(inputs, shapes) {
    const [dy, x, norms] = firstInputs(inputs, 3, name);
    const [, columns] = sizes(shapes, 0);
    const sums = new Float64Array(columns);
    dy.forEach((gradient, index) => (sums[index % columns]! += gradient * x[index]!));
    return [sums.map((sum, column) => sum / norms[column]!)];
  },

  tfjs({ tf }, inputs) {
    const [dy, x, norms] = firstInputs(inputs, 3, name);
    return [tf.div(tf.reshape(tf.sum(tf.mul(dy, x), 0), [-1, 1]), norms)];
  },
};
