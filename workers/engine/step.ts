/** What changes from step to step. It is data, never baked into a pipeline or a replayed value. */
export interface StepValues {
  /** Unsigned 32 bits; a new one for every micro-batch. */
  dropoutSeed: number;
  /** Each target's share in the loss: 1 / targets of the whole step (all its micro-batches), or 1 / the sum of their weights. A classifier has one a text. */
  lossWeight: number;
  /** Add to the gradients of the earlier micro-batches of this step instead of replacing them. */
  accumulate: boolean;
  learningRate: number;
  weightDecay: number;
  /** 0: no clipping. */
  maxGradNorm: number;
  /** 1 - beta1^t and 1 - beta2^t, t from 1. */
  correction1: number;
  correction2: number;
}

/** For evaluation: nothing is dropped or updated. */
export const idleStep: StepValues = {
  dropoutSeed: 0,
  lossWeight: 1,
  accumulate: false,
  learningRate: 0,
  weightDecay: 0,
  maxGradNorm: 0,
  correction1: 1,
  correction2: 1,
};
