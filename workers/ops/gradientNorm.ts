import type { OpDefinition } from '../engine/op';
import type { NoAttributes } from './attributes';
import { gradientNormKernel } from './gradientNorm.kernel';
import { firstInputs, vector } from './shared/inputs';

const name = 'gradientNorm';

/** partials (parts) -> (1): the square root of their sum, the norm before clipping. */
export const gradientNorm: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: gradientNormKernel,

  inferShape(shapes) {
    vector(firstInputs(shapes, 1, name)[0], 'gradientNorm partials');
    return [[1]];
  },

  reference(inputs) {
    const [partials] = firstInputs(inputs, 1, name);
    return [Float64Array.of(Math.sqrt(partials.reduce((sum, partial) => sum + partial, 0)))];
  },

  tfjs({ tf }, inputs) {
    const [partials] = firstInputs(inputs, 1, name);
    return [tf.reshape(tf.sqrt(tf.sum(partials)), [1])];
  },
};
