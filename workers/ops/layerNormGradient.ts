import type { OpDefinition } from '../engine/op';
import type { NormGradientAttributes } from './attributes';
import { layerNormGradientKernel } from './layerNormGradient.kernel';
import { firstInputs, optionalInput, sizes } from './shared/inputs';
import { normGradientShapes } from './shared/normGradientShapes';
import { sumsChoice } from './shared/sums';

const name = 'layerNormGradient';

/** dy (R, C), x (R, C), weight (C), stats (R, 2), carry? (R, C) -> dx (R, C), plus carry, and with `copied` the same again. */
export const layerNormGradient: OpDefinition<NormGradientAttributes> = {
  name,
  backward: null,
  kernel: layerNormGradientKernel,
  choices: [sumsChoice],
  halves: { inputs: [0, 1, 4], outputs: [1], copies: true },

  inferShape: (shapes, { copied }) => normGradientShapes(shapes, copied, 2, name),

  reference(inputs, shapes, { copied }) {
    const [dy, x, weight, stats] = firstInputs(inputs, 4, name);
    const carry = optionalInput(inputs, 4);
    const [rows, width] = sizes(shapes, 1);
    const dx = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const begin = row * width;
      const mean = stats[row * 2]!;
      const inverse = stats[row * 2 + 1]!;
      let meanGradient = 0;
      let meanProduct = 0;
      for (let column = 0; column < width; column++) {
        const scaled = dy[begin + column]! * weight[column]!;
        meanGradient += scaled / width;
        meanProduct += (scaled * (x[begin + column]! - mean) * inverse) / width;
      }
      for (let column = 0; column < width; column++) {
        const normed = (x[begin + column]! - mean) * inverse;
        const own = inverse * (dy[begin + column]! * weight[column]! - meanGradient - normed * meanProduct);
        dx[begin + column] = own + (carry?.[begin + column] ?? 0);
      }
    }
    return copied ? [dx, dx] : [dx];
  },

  tfjs({ tf }, inputs, { copied }) {
    const [dy, x, weight, stats] = firstInputs(inputs, 4, name);
    const carry = optionalInput(inputs, 4);
    const [mean, inverse] = tf.split(stats, 2, 1);
    if (!mean || !inverse) return [];
    const centred = tf.sub(x, mean);
    const scaled = tf.mul(dy, weight);
    const meanGradient = tf.mean(scaled, 1, true);
    const meanProduct = tf.mul(tf.mean(tf.mul(scaled, centred), 1, true), tf.square(inverse));
    const own = tf.mul(tf.sub(tf.sub(scaled, meanGradient), tf.mul(centred, meanProduct)), inverse);
    const dx = carry ? tf.add(own, carry) : own;
    return copied ? [dx, tf.clone(dx)] : [dx];
  },
};
