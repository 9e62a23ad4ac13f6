import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    everyKernel: boolean;
  }
}

/** True with TUNELET_KERNELS=all, as `npm run verify:kernels` sets it: every case on every variant of every kernel, on any adapter. */
export const everyKernel = inject('everyKernel');

/**
 * Two of a variant's runs, others for another `turn`: a software adapter compiles a tiled kernel in seconds. Six places and one apart,
 * so that they differ in what is float16, whether runs come by twos (float32, float16 values) or by threes (and float16 weights).
 */
export function sampleOf<Run>(runs: readonly Run[], turn: number): Run[] {
  const apart = 6 * Math.floor(runs.length / 12) + 1;
  const places = new Set([turn * 7, turn * 7 + apart].map((place) => place % runs.length));
  return runs.filter((_, index) => places.has(index));
}
