import type { Memory } from './memory';

/**
 * The arenas that all programs of a device share: runs follow one another, and nothing in an arena outlives the run that
 * wrote it. Each is as large as the largest program wants it.
 */
export class Arenas {
  /** Counts replacements of the buffers: programs then bind anew. */
  version = 0;
  private readonly memory: Memory;
  private readonly buffers: GPUBuffer[] = [];
  private users = 0;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** Makes room for one more program. No run may be half submitted. */
  join(sizesBytes: readonly number[]): void {
    this.users += 1;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    sizesBytes.forEach((sizeBytes, index) => {
      const known = this.buffers[index];
      if (known && known.size >= sizeBytes) return;
      if (known) this.memory.release(known);
      this.buffers[index] = this.memory.allocate(`arena ${index}`, sizeBytes, usage, 'activations');
      this.version += 1;
    });
  }

  /** A program is done; the last one gives the memory back. */
  leave(): void {
    this.users -= 1;
    if (this.users === 0) for (const buffer of this.buffers.splice(0)) this.memory.release(buffer);
  }

  buffer(index: number): GPUBuffer | undefined {
    return this.buffers[index];
  }
}
