import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { firstInputs } from './shared/inputs';
import { swigluKernel } from './swiglu.kernel';

const name = 'swiglu';

/** gate (R, C), up (R, C) -> silu(gate) up, silu(x) = x sigmoid(x). Shazeer 2020, "GLU variants improve transformer". */
export const swiglu: OpDefinition<NoAttributes> = {
  name,
  kernel: swigluKernel,
  halves: { inputs: [0, 1], outputs: [0] },

  inferShape(shapes) {
    const [gate, up] = firstInputs(shapes, 2, name);
    const [rows, width] = matrix(gate, 'swiglu gate');
    const [upRows, upWidth] = matrix(up, 'swiglu up');
    requireEqual(rows, upRows, 'The rows of gate and up', [...shapes]);
    requireEqual(width, upWidth, 'The widths of gate and up', [...shapes]);
    return [gate];
  },

  backward({ graph, node, gradients: [dy] }) {
    return dy ? graph.add('swigluGradient', [dy, ...node.inputs]) : [null, null];
  },

  reference(inputs) {
    const [gate, up] = firstInputs(inputs, 2, name);
    return [gate.map((value, index) => (value / (1 + Math.exp(-value))) * up[index]!)];
  },

  tfjs({ tf }, inputs) {
    const [gate, up] = firstInputs(inputs, 2, name);
    return [tf.mul(tf.mul(gate, tf.sigmoid(gate)), up)];
  },
};
