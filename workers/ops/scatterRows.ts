import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { scatterRowsKernel } from './scatterRows.kernel';
import { firstInputs, optionalInput, sizes, vector } from './shared/inputs';

const name = 'scatterRows';

/** values (N, C), rows (N) ascending, rowTargets (T, 2), base? (T, C) -> base (or 0) plus values[n] at row rows[n] (T, C). */
export const scatterRows: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: scatterRowsKernel,
  halves: { inputs: [0, 3], outputs: [0], follows: true },

  inferShape(shapes) {
    const [values, rows, rowTargets] = firstInputs(shapes, 3, name);
    const [count, width] = matrix(values, 'scatterRows values');
    requireEqual(count, vector(rows, 'scatterRows rows'), 'The rows of values and the length of rows', [...shapes]);
    const [length, pair] = matrix(rowTargets, 'scatterRows rowTargets');
    requireEqual(pair, 2, 'The columns of rowTargets and 2', [...shapes]);
    const base = optionalInput(shapes, 3);
    if (base) {
      const [baseRows, baseWidth] = matrix(base, 'scatterRows base');
      requireEqual(length, baseRows, 'The rows of rowTargets and those of base', [...shapes]);
      requireEqual(width, baseWidth, 'The widths of values and base', [...shapes]);
    }
    return [[length, width]];
  },

  reference(inputs, shapes) {
    const [values, rows, rowTargets] = firstInputs(inputs, 3, name);
    const [, width] = sizes(shapes, 0);
    const out = optionalInput(inputs, 3)?.slice() ?? new Float64Array((rowTargets.length / 2) * width);
    rows.forEach((row, index) => {
      for (let column = 0; column < width; column++) out[row * width + column]! += values[index * width + column]!;
    });
    return [out];
  },

  tfjs({ tf }, inputs) {
    const [values, rows, rowTargets] = firstInputs(inputs, 3, name);
    const base = optionalInput(inputs, 3);
    const [count = 0, width = 0] = values.shape;
    const scattered = tf.scatterND(tf.reshape(rows, [count, 1]), values, [rowTargets.size / 2, width]);
    return [base ? tf.add(base, scattered) : scattered];
  },
};
