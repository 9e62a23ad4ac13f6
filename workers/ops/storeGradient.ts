import type { OpDefinition } from '../engine/op';
import type { NoAttributes } from './attributes';
import { firstInputs } from './shared/inputs';
import { storeGradientKernel } from './storeGradient.kernel';

const name = 'storeGradient';

/** A gradient, written into (or, with the step's `accumulate`, added to) its slice by whoever runs the node. */
export const storeGradient: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: storeGradientKernel,
  accumulates: true,

  inferShape(shapes) {
    return [firstInputs(shapes, 1, name)[0]];
  },

  reference(inputs) {
    return [firstInputs(inputs, 1, name)[0].slice()];
  },

  tfjs({ tf }, inputs) {
    return [tf.clone(firstInputs(inputs, 1, name)[0])];
  },
};
