import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { scaleColumnsKernel } from './scaleColumns.kernel';
import { requireColumnFactors } from './shared/columnFactors';
import { firstInputs, optionalInput, requireFrozen, sizes, vector } from './shared/inputs';

const name = 'scaleColumns';

/**
 * x (R, N), magnitudes (N, 1), norms (N, 1), bias? (N) -> magnitudes / norms x + bias (R, N), column by column. The norms are
 * constants to the backward pass, the bias is frozen.
 */
export const scaleColumns: OpDefinition<NoAttributes> = {
  name,
  kernel: scaleColumnsKernel,
  halves: { inputs: [0], outputs: [0] },

  inferShape(shapes) {
    const [x, magnitudes, norms] = firstInputs(shapes, 3, name);
    const [, columns] = matrix(x, 'scaleColumns x');
    requireColumnFactors(columns, magnitudes, 'magnitudes', shapes);
    requireColumnFactors(columns, norms, 'norms', shapes);
    const bias = optionalInput(shapes, 3);
    if (bias) requireEqual(columns, vector(bias, 'scaleColumns bias'), 'The columns of x and the length of bias', [...shapes]);
    return [x];
  },

  backward({ graph, node, gradients: [dy], needs }) {
    requireFrozen(needs, [3], name);
    const [x, magnitudes, norms] = firstInputs(node.inputs, 3, name);
    if (!dy) return [null, null];
    return [
      needs[0] ? graph.one(name, [dy, magnitudes, norms, null]) : null,
      needs[1] ? graph.one('columnSums', [dy, x, null, norms]) : null,
    ];
  },

  reference(inputs, shapes) {
    const [x, magnitudes, norms] = firstInputs(inputs, 3, name);
    const bias = optionalInput(inputs, 3);
    const [, columns] = sizes(shapes, 0);
    return [
      x.map((value, index) => {
        const column = index % columns;
        return (magnitudes[column]! / norms[column]!) * value + (bias?.[column] ?? 0);
      }),
    ];
  },

  tfjs({ tf }, inputs) {
    const [x, magnitudes, norms] = firstInputs(inputs, 3, name);
    const bias = optionalInput(inputs, 3);
    const scaled = tf.mul(x, tf.reshape(tf.div(magnitudes, norms), [1, -1]));
    return [bias ? tf.add(scaled, bias) : scaled];
  },
};
