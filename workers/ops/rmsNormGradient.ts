import type { OpDefinition } from '../engine/op';
import type { NormGradientAttributes } from './attributes';
import { rmsNormGradientKernel } from './rmsNormGradient.kernel';
import { firstInputs, optionalInput, sizes } from './shared/inputs';
import { normGradientShapes } from './shared/normGradientShapes';
import { sumsChoice } from './shared/sums';

const name = 'rmsNormGradient';

/** dy (R, C), x (R, C), weight (C), stats (R, 1), carry? (R, C) -> dx (R, C), plus carry, and with `copied` the same again. */
export const rmsNormGradient: OpDefinition<NormGradientAttributes> = {
  name,
  backward: null,
  kernel: rmsNormGradientKernel,
  choices: [sumsChoice],
  halves: { inputs: [0, 1, 4], outputs: [1], copies: true },

  inferShape: (shapes, { copied }) => normGradientShapes(shapes, copied, 1, name),

  reference(inputs, shapes, { copied }) {
    const [dy, x, weight, stats] = firstInputs(inputs, 4, name);
    const carry = optionalInput(inputs, 4);
    const [rows, width] = sizes(shapes, 1);
    const dx = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const begin = row * width;
      const scale = stats[row]!;
      let product = 0;
      for (let column = 0; column < width; column++) {
        product += (dy[begin + column]! * weight[column]! * x[begin + column]!) / width;
      }
      for (let column = 0; column < width; column++) {
        const own = scale * (dy[begin + column]! * weight[column]! - x[begin + column]! * scale * scale * product);
        dx[begin + column] = own + (carry?.[begin + column] ?? 0);
      }
    }
    return copied ? [dx, dx] : [dx];
  },

  tfjs({ tf }, inputs, { copied }) {
    const [dy, x, weight, scale] = firstInputs(inputs, 4, name);
    const carry = optionalInput(inputs, 4);
    const scaled = tf.mul(dy, weight);
    const slope = tf.mul(tf.mean(tf.mul(scaled, x), 1, true), tf.square(scale));
    const own = tf.mul(tf.sub(scaled, tf.mul(x, slope)), scale);
    const dx = carry ? tf.add(own, carry) : own;
    return copied ? [dx, tf.clone(dx)] : [dx];
  },
};
