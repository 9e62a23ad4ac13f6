import { expect } from '@playwright/test';
import type { HeapPeaks } from './heapWatch';

/** With what waits to be collected. */
const mostBytes = 400_000_000;
/** What may be held on to beyond what the page held before: some pieces on their way, and far from a whole file. */
const mostGrowthBytes = 60_000_000;

/**
 * Weights of any size leave the heaps of page and workers small.
 * @param idleBytes what they held on to before
 */
export function expectSmall(
  peaks: HeapPeaks,
  idleBytes: number,
  { way, weightBytes }: { way: string; weightBytes: number },
): void {
  const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${way}, ${inMegabytes(weightBytes)} of weights: at most ${inMegabytes(peaks.heldBytes)} held (objects ${inMegabytes(peaks.objectBytes)}, ` +
      `buffers ${inMegabytes(peaks.bufferBytes)}), without garbage ${inMegabytes(peaks.liveBytes)} (${inMegabytes(idleBytes)} before), ` +
      `${peaks.targets} heaps, ${peaks.readings} readings`,
  );
  expect(peaks.targets).toBeGreaterThan(1);
  expect(peaks.readings).toBeGreaterThan(2);
  expect(peaks.heldBytes).toBeLessThan(mostBytes);
  expect(peaks.liveBytes - idleBytes).toBeLessThan(mostGrowthBytes);
}
