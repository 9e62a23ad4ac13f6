import { TuneletError } from '../../api/errors';

const pageBytes = 65_536;
const firstPages = 16;
const alignmentBytes = 256;
/** WebAssembly's addresses end at 4 GiB; a browser with little address space may promise less. */
const mostPages = [65_536, 32_768, 16_384, 8192];

interface Block {
  address: number;
  sizeBytes: number;
}

/** A module's memory, handed out in blocks. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly limits: { initialPages: number; maximumPages: number; shared: boolean };
  /** Bytes handed out now. */
  usedBytes = 0;
  private free: Block[] = [];
  private end = alignmentBytes;
  private readonly sizes = new Map<number, number>();
  private words = new Int32Array(0);
  private numbers = new Float32Array(0);

  constructor(shared: boolean) {
    const { memory, maximumPages } = promisedMemory(shared);
    this.memory = memory;
    this.limits = { initialPages: firstPages, maximumPages, shared };
  }

  /** Address of a new block, zeroed or not as it comes. Throws `device/out-of-memory`. */
  allocate(sizeBytes: number): number {
    const rounded = Math.max(1, Math.ceil(sizeBytes / alignmentBytes)) * alignmentBytes;
    const at = this.free.findIndex((block) => block.sizeBytes >= rounded);
    const found = this.free[at];
    let address = this.end;
    if (found) {
      address = found.address;
      if (found.sizeBytes === rounded) this.free.splice(at, 1);
      else this.free[at] = { address: address + rounded, sizeBytes: found.sizeBytes - rounded };
    } else {
      this.grow(this.end + rounded);
      this.end += rounded;
    }
    this.sizes.set(address, rounded);
    this.usedBytes += rounded;
    return address;
  }

  /** Bytes of the block that begins here. */
  sizeOf(address: number): number {
    const sizeBytes = this.sizes.get(address);
    if (sizeBytes === undefined) throw new Error(`No block begins at ${address}.`);
    return sizeBytes;
  }

  release(address: number): void {
    const sizeBytes = this.sizeOf(address);
    this.sizes.delete(address);
    this.usedBytes -= sizeBytes;
    const merged: Block[] = [];
    for (const block of [...this.free, { address, sizeBytes }].sort((a, b) => a.address - b.address)) {
      const last = merged.at(-1);
      if (last && last.address + last.sizeBytes === block.address) last.sizeBytes += block.sizeBytes;
      else merged.push({ ...block });
    }
    this.free = merged;
  }

  /** The numbers from `address` on. A view: memory that grows detaches it where it is not shared. */
  floats(address: number, count: number): Float32Array {
    if (this.numbers.buffer !== this.memory.buffer) this.numbers = new Float32Array(this.memory.buffer);
    return this.numbers.subarray(address / 4, address / 4 + count);
  }

  integers(address: number, count: number): Int32Array {
    if (this.words.buffer !== this.memory.buffer) this.words = new Int32Array(this.memory.buffer);
    return this.words.subarray(address / 4, address / 4 + count);
  }

  private grow(neededBytes: number): void {
    const missing = Math.ceil((neededBytes - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (thrown) {
      throw new TuneletError(
        'device/out-of-memory',
        `WebAssembly could not have ${(neededBytes / 1e9).toFixed(2)} GB: ${thrown instanceof Error ? thrown.message : 'refused'}.`,
        'Choose a smaller per_device_train_batch_size or max_length, or a smaller model.',
        { neededBytes, limitBytes: this.limits.maximumPages * pageBytes },
      );
    }
  }
}

/** Memory that may grow as far as the browser promises. Throws `device/unavailable`. */
function promisedMemory(shared: boolean): { memory: WebAssembly.Memory; maximumPages: number } {
  let refusal: unknown;
  for (const maximumPages of mostPages) {
    try {
      return { memory: new WebAssembly.Memory({ initial: firstPages, maximum: maximumPages, shared }), maximumPages };
    } catch (thrown) {
      refusal = thrown;
    }
  }
  throw new TuneletError(
    'device/unavailable',
    `This browser gives WebAssembly no memory: ${refusal instanceof Error ? refusal.message : 'refused'}.`,
    'Close other tabs and reload the page.',
  );
}
