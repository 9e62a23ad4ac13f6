import type { Value } from '../graph';
import { elementCount } from '../shape';
import type { Memory } from './memory';

const noCounts = { tokens: 0, sequences: 0 };

/** Buffers that keep their numbers from run to run. */
export class Caches {
  /** Counts replacements of the buffers: programs then bind anew. */
  version = 0;
  private readonly memory: Memory;
  private readonly buffers = new Map<string, GPUBuffer>();

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** In place of all earlier ones. */
  allocate(values: readonly Value[]): void {
    for (const buffer of this.buffers.values()) this.memory.release(buffer);
    this.buffers.clear();
    this.version += 1;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    for (const { role, label, shape } of values) {
      if (role.kind !== 'cache') throw new Error(`${label} is no cache.`);
      if (this.buffers.has(role.name)) continue;
      this.buffers.set(role.name, this.memory.allocate(label, elementCount(shape, noCounts) * 4, usage, 'caches'));
    }
  }

  /** Throws where no room was made. */
  range({ role, label }: Value): { buffer: GPUBuffer; offset: number; size: number } {
    const buffer = role.kind === 'cache' ? this.buffers.get(role.name) : undefined;
    if (!buffer) throw new Error(`${label} is used before allocateCaches made room for it.`);
    return { buffer, offset: 0, size: buffer.size };
  }
}
