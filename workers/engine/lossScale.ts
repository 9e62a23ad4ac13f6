import type { StateName } from './graph';

/**
 * The loss scale's state, four numbers: the scale, finite steps since it last changed, and AdamW's bias corrections
 * 1 - beta1^t and 1 - beta2^t, with t the steps that were not skipped. All of it changes on the device, because the host
 * reads a step's norm only when later steps are under way.
 */
export const lossScaleSize = 4;

/**
 * Low, against GradScaler's 2^16: a run of LoRA has hundreds of steps, not millions, and each overflow costs one. The loss
 * is a mean, so its gradient is below 1 and 2^10 leaves a factor of 64 up to float16's 65504, while what is lost below
 * float16's 6e-8 is then below 6e-11 of the loss.
 */
export const initialLossScale = 1024;

/** Finite steps after which the scale doubles. GradScaler's 2000 is longer than most runs; at 200 an overflow costs 1 step in 200 at most. */
export const lossScaleGrowthInterval = 200;

/** What a run begins with. */
export function lossScaleStart(scale = initialLossScale): Float32Array {
  return Float32Array.of(scale, 0, 0, 0);
}

/** Numbers in a state, where `parameters` numbers are trained. */
export function stateLength(name: StateName, parameters: number): number {
  return name === 'lossScale' ? lossScaleSize : parameters;
}
