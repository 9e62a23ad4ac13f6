/** One optimizer step that was taken; one that half precision skipped leaves none. */
export interface StepRecord {
  /** From 1. */
  step: number;
  /** Mean cross-entropy of the step's texts, nats. */
  loss: number;
  learningRate: number;
  /** Before clipping. */
  gradNorm: number;
}

/** The rate that optimizer step `step`, from 1, uses. */
export interface LearningRatePoint {
  step: number;
  learningRate: number;
}
