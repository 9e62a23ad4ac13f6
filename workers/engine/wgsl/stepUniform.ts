import type { Counts } from '../shape';
import type { StepValues } from '../step';

/** Size of `Batch` in header.wgsl. */
export const stepUniformBytes = 48;

/** Lays out `Batch` of header.wgsl. */
export function stepUniform(counts: Counts, step: StepValues): ArrayBuffer {
  const bytes = new ArrayBuffer(stepUniformBytes);
  new Uint32Array(bytes).set([counts.tokens, counts.sequences, step.dropoutSeed, step.accumulate ? 1 : 0]);
  const { lossWeight, learningRate, weightDecay, maxGradNorm, correction1, correction2 } = step;
  new Float32Array(bytes).set([lossWeight, learningRate, weightDecay, maxGradNorm, correction1, correction2], 4);
  return bytes;
}
