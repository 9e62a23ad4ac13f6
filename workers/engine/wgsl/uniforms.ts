import { targetsOf, type Counts } from '../shape';
import type { StepValues } from '../step';
import type { Kernel } from './kernel';

/** Bytes between two dynamic offsets: the least that every device allows. */
export const slotBytes = 256;

/** Bytes of a kernel's shape uniform: as many as the widest, a rotation's table, may need. */
export const shapeBytes = 768;

/** Size of `Batch` in header.wgsl. */
export const stepUniformBytes = 48;

/** Lays out `Batch` of header.wgsl. */
export function stepUniform(counts: Counts, step: StepValues): ArrayBuffer {
  const bytes = new ArrayBuffer(stepUniformBytes);
  const { dropoutSeed, accumulate } = step;
  new Uint32Array(bytes).set([counts.tokens, counts.sequences, targetsOf(counts), dropoutSeed, accumulate ? 1 : 0]);
  const { lossWeight, learningRate, weightDecay, maxGradNorm, correction1, correction2 } = step;
  new Float32Array(bytes).set([lossWeight, learningRate, weightDecay, maxGradNorm, correction1, correction2], 5);
  return bytes;
}

/** The shape uniforms of all kernels, `shapeBytes` each. */
export function shapeTable(kernels: readonly Kernel[]): ArrayBuffer {
  const table = new ArrayBuffer(Math.max(1, kernels.length) * shapeBytes);
  kernels.forEach(({ label, shape }, index) => {
    if ((shape.u32.length + shape.f32.length) * 4 > shapeBytes) throw new RangeError(`${label} has too many shape numbers.`);
    new Uint32Array(table, index * shapeBytes).set(shape.u32);
    new Float32Array(table, index * shapeBytes).set(shape.f32, shape.u32.length);
  });
  return table;
}
