import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { firstInputs } from './shared/inputs';
import { swigluGradientKernel } from './swigluGradient.kernel';

const name = 'swigluGradient';

/** dy (R, C), gate (R, C), up (R, C) -> dgate = dy up silu'(gate), dup = dy silu(gate). */
export const swigluGradient: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: swigluGradientKernel,
  halves: { inputs: [0, 1, 2], outputs: [0, 1] },

  inferShape(shapes) {
    const [dy, gate, up] = firstInputs(shapes, 3, name);
    const [rows, width] = matrix(gate, 'swigluGradient gate');
    for (const other of [dy, up]) {
      const [otherRows, otherWidth] = matrix(other, 'swigluGradient dy and up');
      requireEqual(rows, otherRows, 'The rows of dy, gate and up', [...shapes]);
      requireEqual(width, otherWidth, 'The widths of dy, gate and up', [...shapes]);
    }
    return [gate, up];
  },

  reference(inputs) {
    const [dy, gate, up] = firstInputs(inputs, 3, name);
    const sigmoids = gate.map((value) => 1 / (1 + Math.exp(-value)));
    return [
      dy.map((gradient, at) => gradient * up[at]! * sigmoids[at]! * (1 + gate[at]! * (1 - sigmoids[at]!))),
      dy.map((gradient, at) => gradient * gate[at]! * sigmoids[at]!),
    ];
  },

  tfjs({ tf }, inputs) {
    const [dy, gate, up] = firstInputs(inputs, 3, name);
    const sigmoid = tf.sigmoid(gate);
    const scaled = tf.mul(dy, sigmoid);
    const slope = tf.add(tf.mul(gate, tf.sub(1, sigmoid)), 1);
    return [tf.mul(tf.mul(scaled, up), slope), tf.mul(scaled, gate)];
  },
};
