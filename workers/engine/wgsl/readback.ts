import type { Memory } from './memory';

/** So many runs may await their readings; one more waits for the oldest. */
const ringSize = 8;

/** A few staging buffers used in turn, so that reading one run's values never holds up the next run. */
export class StagingRing {
  private readonly memory: Memory;
  private readonly sizeBytes: number;
  private readonly free: GPUBuffer[] = [];
  private readonly waiting: ((buffer: GPUBuffer) => void)[] = [];
  private made = 0;
  private disposed = false;

  constructor(memory: Memory, sizeBytes: number) {
    this.memory = memory;
    this.sizeBytes = sizeBytes;
  }

  async take(): Promise<GPUBuffer> {
    const buffer = this.free.pop();
    if (buffer) return buffer;
    if (this.made < ringSize) {
      this.made += 1;
      return this.memory.allocate('staging', this.sizeBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  give(buffer: GPUBuffer): void {
    const next = this.waiting.shift();
    if (this.disposed) this.memory.release(buffer);
    else if (next) next(buffer);
    else this.free.push(buffer);
  }

  /** A buffer that a run still reads is released when it comes back. */
  dispose(): void {
    this.disposed = true;
    for (const buffer of this.free.splice(0)) this.memory.release(buffer);
  }
}

/** Copies the first `sizeBytes` of a staging buffer once the device has filled it. */
export async function readStaging(buffer: GPUBuffer, sizeBytes: number): Promise<ArrayBuffer> {
  await buffer.mapAsync(GPUMapMode.READ, 0, Math.max(16, sizeBytes));
  const copy = buffer.getMappedRange(0, Math.max(16, sizeBytes)).slice(0, sizeBytes);
  buffer.unmap();
  return copy;
}
