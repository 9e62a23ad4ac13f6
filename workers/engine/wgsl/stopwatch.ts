import type { Memory } from './memory';

export const timestampBytes = 16;

/**
 * Measures runs on the device: by timestamps where it has them, else from the later of a run's submit and the end of the
 * run before, until its readings are there.
 */
export class Stopwatch {
  private readonly queries: GPUQuerySet | null;
  private readonly resolved: GPUBuffer | null;
  private lastEnd = 0;

  constructor(memory: Memory) {
    const { device } = memory;
    const timed = device.features.has('timestamp-query');
    this.queries = timed ? device.createQuerySet({ type: 'timestamp', count: 2 }) : null;
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    this.resolved = timed ? memory.allocate('timestamps', timestampBytes, usage) : null;
  }

  /** For the passes of a run: its first begins the time, its last ends it. */
  passDescriptor(isFirst: boolean, isLast: boolean): GPUComputePassDescriptor {
    if (!this.queries || (!isFirst && !isLast)) return {};
    const timestampWrites: GPUComputePassTimestampWrites = { querySet: this.queries };
    if (isFirst) timestampWrites.beginningOfPassWriteIndex = 0;
    if (isLast) timestampWrites.endOfPassWriteIndex = 1;
    return { timestampWrites };
  }

  /** Copies the two timestamps to the beginning of a staging buffer. */
  copyTo(encoder: GPUCommandEncoder, staging: GPUBuffer): void {
    if (!this.queries || !this.resolved) return;
    encoder.resolveQuerySet(this.queries, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, staging, 0, timestampBytes);
  }

  /** `timestamps` as copied; `submittedAt` by performance.now(). */
  elapsedMs(timestamps: ArrayBuffer, submittedAt: number): number {
    const now = performance.now();
    const waited = now - Math.max(submittedAt, this.lastEnd);
    this.lastEnd = now;
    const [begin = 0n, end = 0n] = new BigUint64Array(timestamps);
    // Some drivers restart their counter; then the wall clock is right.
    return this.queries && end > begin ? Number(end - begin) / 1e6 : waited;
  }

  dispose(): void {
    this.queries?.destroy();
  }
}
