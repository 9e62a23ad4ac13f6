import type { StateName, Value } from '../graph';
import { stateLength } from '../lossScale';
import type { Memory } from './memory';

export const stateNames: readonly StateName[] = ['parameters', 'gradients', 'firstMoment', 'secondMoment', 'lossScale'];

/** The flat buffers of everything that is trained. */
export class States {
  size = 0;
  /** Counts replacements of the buffers: programs then bind anew. */
  version = 0;
  private readonly memory: Memory;
  private readonly buffers = new Map<StateName, GPUBuffer>();

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** Zeroed buffers of `size` floats (the loss scale's of its own), in place of earlier ones. */
  allocate(size: number): void {
    for (const buffer of this.buffers.values()) this.memory.release(buffer);
    this.buffers.clear();
    this.size = size;
    this.version += 1;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    for (const name of stateNames) {
      this.buffers.set(name, this.memory.allocate(name, this.length(name) * 4, usage, 'optimizer'));
    }
  }

  /** Numbers in a state. */
  length(name: StateName): number {
    return stateLength(name, this.size);
  }

  buffer(name: StateName): GPUBuffer {
    const buffer = this.buffers.get(name);
    if (!buffer) throw new Error(`${name} are used before allocateParameters made room for them.`);
    return buffer;
  }

  /** The range of a parameter, a gradient or a whole state. Throws where it lies outside of the flat buffer. */
  range(value: Value, elements: number): { buffer: GPUBuffer; offset: number; size: number } {
    const { role } = value;
    if (role.kind === 'state') return { buffer: this.buffer(role.name), offset: 0, size: elements * 4 };
    if (role.kind !== 'parameter' && role.kind !== 'gradient') throw new Error(`${value.label} is no parameter.`);
    if (role.offset + elements > this.size) {
      throw new RangeError(`${value.label} ends at ${role.offset + elements}; the flat buffers hold ${this.size} numbers.`);
    }
    return {
      buffer: this.buffer(role.kind === 'parameter' ? 'parameters' : 'gradients'),
      offset: role.offset * 4,
      size: elements * 4,
    };
  }
}
