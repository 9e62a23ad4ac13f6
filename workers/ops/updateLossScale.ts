import { lossScaleSize } from '../engine/lossScale';
import type { OpDefinition } from '../engine/op';
import { requireEqual } from '../engine/shape';
import type { UpdateLossScaleAttributes } from './attributes';
import { firstInputs, vector } from './shared/inputs';
import { updateLossScaleKernel } from './updateLossScale.kernel';

const name = 'updateLossScale';

/** Twice this is no float32 any more. */
const largestScale = 1e38;

/**
 * The loss scale's state (4) and the step's gradient norm (1) -> the state after the step: see engine/lossScale.ts. Half the
 * scale where the norm is not finite, twice the scale after `interval` finite steps in a row. Source: torch.amp.GradScaler,
 * and Adam's bias corrections as a recursion: c + (1 - beta) (1 - c) is 1 - beta^t after t steps and settles at 1.
 */
export const updateLossScale: OpDefinition<UpdateLossScaleAttributes> = {
  name,
  backward: null,
  kernel: updateLossScaleKernel,

  inferShape(shapes) {
    const [state, norm] = firstInputs(shapes, 2, name);
    requireEqual(vector(state, 'updateLossScale state'), lossScaleSize, 'The length of the state and 4', [...shapes]);
    requireEqual(vector(norm, 'updateLossScale norm'), 1, 'The length of norm and 1', [...shapes]);
    return [state];
  },

  reference(inputs, _, attributes) {
    const [state, norm] = firstInputs(inputs, 2, name);
    return [Float64Array.from(nextState([...state], norm[0]!, attributes))];
  },

  // Four numbers: the host has them as fast as a kernel would. Asynchronous backends read nothing back: they compute both ways and choose.
  tfjs({ tf }, inputs, { beta1, beta2, interval }) {
    const [state, norm] = firstInputs(inputs, 2, name);
    const [scale, counted, correction1, correction2] = tf.split(state, lossScaleSize);
    if (!scale || !counted || !correction1 || !correction2) return [];
    const steps = tf.add(counted, 1);
    const grows = tf.greaterEqual(steps, interval);
    const doubled = tf.where(tf.less(scale, largestScale), tf.mul(scale, 2), scale);
    const after = tf.concat([
      tf.where(grows, doubled, scale),
      tf.where(grows, tf.zerosLike(steps), steps),
      tf.add(correction1, tf.mul(tf.sub(1, correction1), 1 - beta1)),
      tf.add(correction2, tf.mul(tf.sub(1, correction2), 1 - beta2)),
    ]);
    const skipped = tf.concat([tf.mul(scale, 0.5), tf.zerosLike(counted), correction1, correction2]);
    return [tf.where(tf.isFinite(norm), after, skipped)];
  },
};

function nextState(
  [scale = 0, counted = 0, correction1 = 0, correction2 = 0]: number[],
  norm: number,
  { beta1, beta2, interval }: UpdateLossScaleAttributes,
): number[] {
  if (!Number.isFinite(norm)) return [scale / 2, 0, correction1, correction2];
  const grows = counted + 1 >= interval;
  return [
    grows && scale < largestScale ? 2 * scale : scale,
    grows ? 0 : counted + 1,
    correction1 + (1 - beta1) * (1 - correction1),
    correction2 + (1 - beta2) * (1 - correction2),
  ];
}
