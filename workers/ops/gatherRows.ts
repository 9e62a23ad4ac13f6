import type { OpDefinition } from '../engine/op';
import { matrix } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { gatherRowsKernel } from './gatherRows.kernel';
import { gatherTfjs } from './shared/gatherTfjs';
import { firstInputs, sizes, vector } from './shared/inputs';

const name = 'gatherRows';

/** x (T, C), rows (N) -> (N, C). Its gradient needs the rows to be the batch's targets. */
export const gatherRows: OpDefinition<NoAttributes> = {
  name,
  kernel: gatherRowsKernel,
  halves: { inputs: [0], outputs: [0], follows: true },

  inferShape(shapes) {
    const [x, rows] = firstInputs(shapes, 2, name);
    const [, width] = matrix(x, 'gatherRows x');
    return [[vector(rows, 'gatherRows rows'), width]];
  },

  backward({ graph, node, gradients: [gradient] }) {
    const [x, rows] = firstInputs(node.inputs, 2, name);
    const rowTargets = graph.input('rowTargets', [...x.shape.slice(0, 1), 2]);
    return [gradient ? graph.one('scatterRows', [gradient, rows, rowTargets]) : null];
  },

  reference(inputs, shapes) {
    const [x, rows] = firstInputs(inputs, 2, name);
    const [, width] = sizes(shapes, 0);
    const out = new Float64Array(rows.length * width);
    rows.forEach((row, index) => out.set(x.subarray(row * width, (row + 1) * width), index * width));
    return [out];
  },

  tfjs(context, inputs) {
    const [x, rows] = firstInputs(inputs, 2, name);
    return [gatherTfjs(context, x, rows)];
  },
};
