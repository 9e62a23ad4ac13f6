import type { OpDefinition } from '../engine/op';
import type { NoAttributes } from './attributes';
import { gradientNormKernel } from './gradientNorm.kernel';
import { firstInputs, optionalInput, requireLossScale, vector } from './shared/inputs';
import { sumsChoice } from './shared/sums';

const name = 'gradientNorm';

/**
 * partials (parts), lossScale? (4) -> (1): the square root of their sum, the norm before clipping; with a loss scale in units of the
 * unscaled loss. Not finite where a gradient is not.
 */
export const gradientNorm: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: gradientNormKernel,
  choices: [sumsChoice],

  inferShape(shapes) {
    vector(firstInputs(shapes, 1, name)[0], 'gradientNorm partials');
    requireLossScale(shapes, 1, name);
    return [[1]];
  },

  reference(inputs) {
    const [partials] = firstInputs(inputs, 1, name);
    const scale = optionalInput(inputs, 1)?.[0] ?? 1;
    return [Float64Array.of(Math.sqrt(partials.reduce((sum, partial) => sum + partial, 0)) / scale)];
  },

  tfjs({ tf }, inputs) {
    const [partials] = firstInputs(inputs, 1, name);
    const norm = tf.reshape(tf.sqrt(tf.sum(partials)), [1]);
    const lossScale = optionalInput(inputs, 1);
    return [lossScale ? tf.div(norm, tf.slice(lossScale, 0, 1)) : norm];
  },
};
