import type { OpDefinition } from '../engine/op';
import { formatShape, sameShape, ShapeError } from '../engine/shape';
import { addKernel } from './add.kernel';
import type { NoAttributes } from './attributes';
import { firstInputs } from './shared/inputs';

const name = 'add';

/** a + b, of one shape. */
export const add: OpDefinition<NoAttributes> = {
  name,
  kernel: addKernel,
  halves: { inputs: [0, 1], outputs: [0], follows: true },

  inferShape(shapes) {
    const [a, b] = firstInputs(shapes, 2, name);
    if (!sameShape(a, b)) throw new ShapeError(`add needs two equal shapes, not ${formatShape(a)} and ${formatShape(b)}.`);
    return [a];
  },

  backward({ gradients: [gradient = null] }) {
    return [gradient, gradient];
  },

  reference(inputs) {
    const [a, b] = firstInputs(inputs, 2, name);
    return [a.map((value, index) => value + b[index]!)];
  },

  tfjs({ tf }, inputs) {
    const [a, b] = firstInputs(inputs, 2, name);
    return [tf.add(a, b)];
  },
};
