import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { WeightGradientAttributes } from './attributes';
import { firstInputs, sizes } from './shared/inputs';
import { dropped } from './shared/matmulReference';
import { columnsOf, dropped as droppedTfjs, scaled } from './shared/tfjsMatmul';
import { weightGradientKernel } from './weightGradient.kernel';

const name = 'weightGradient';

/** p (R, M), q (R, N) -> scale * p^T drop(q) (M, N). */
export const weightGradient: OpDefinition<WeightGradientAttributes> = {
  name,
  backward: null,
  kernel: weightGradientKernel,
  halves: { inputs: [0, 1], outputs: [], multiplied: [0, 1] },
  accumulates: true,

  inferShape(shapes) {
    const [p, q] = firstInputs(shapes, 2, name);
    const [rows, outer] = matrix(p, 'weightGradient p');
    const [otherRows, columns] = matrix(q, 'weightGradient q');
    requireEqual(rows, otherRows, 'The rows of p and q', [...shapes]);
    return [[outer, columns]];
  },

  reference(inputs, shapes, attributes, { step }) {
    const [p, q] = firstInputs(inputs, 2, name);
    const [rows, outer] = sizes(shapes, 0);
    const [, columns] = sizes(shapes, 1);
    const masked = dropped(q, rows, columns, attributes, step);
    const gradient = new Float64Array(outer * columns);
    for (let row = 0; row < rows; row++) {
      for (let m = 0; m < outer; m++) {
        for (let n = 0; n < columns; n++)
          gradient[m * columns + n]! += attributes.scale * p[row * outer + m]! * masked[row * columns + n]!;
      }
    }
    return [gradient];
  },

  // A transposed operand is slow on wasm, so the narrower of the two is transposed beforehand: p^T q = (q^T p)^T.
  tfjs(context, inputs, attributes) {
    const { tf } = context;
    const [p, raw] = firstInputs(inputs, 2, name);
    const q = droppedTfjs(context, raw, attributes);
    const product = columnsOf(p) <= columnsOf(q) ? tf.matMul(tf.transpose(p), q) : tf.transpose(tf.matMul(tf.transpose(q), p));
    return [scaled(context, product, attributes.scale)];
  },
};
