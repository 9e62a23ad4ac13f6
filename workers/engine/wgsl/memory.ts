import { TuneletError } from '../../api/errors';

/** What memory is for, as users know it. */
export type MemoryGroup = 'weights' | 'optimizer' | 'activations' | 'caches' | 'other';

const mostTriedBytes = 256 * 1024 ** 2;

/** Makes and counts buffers. A device reports that its memory is full only later: `settled` tells. */
export class Memory {
  readonly device: GPUDevice;
  bytes = 0;
  private readonly buffers = new Map<GPUBuffer, number>();
  private readonly pending: Promise<void>[] = [];

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** A zeroed buffer of at least `sizeBytes`. Throws `model/too-large` where the device has no buffers that large. */
  allocate(label: string, sizeBytes: number, usage: GPUBufferUsageFlags, group: MemoryGroup = 'other'): GPUBuffer {
    const size = Math.max(16, Math.ceil(sizeBytes / 4) * 4);
    this.requireSize(label, size, usage);
    this.device.pushErrorScope('out-of-memory');
    const buffer = this.device.createBuffer({ label, size, usage });
    const held = this.bytes;
    this.pending.push(
      this.device.popErrorScope().then((error) => {
        if (error) throw outOfMemory({ label, group, sizeBytes: size, heldBytes: held });
      }),
    );
    // Whoever awaits `settled` sees the error; until then it must not count as unhandled.
    this.pending.at(-1)?.catch(() => undefined);
    this.buffers.set(buffer, size);
    this.bytes += size;
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    this.bytes -= this.buffers.get(buffer) ?? 0;
    this.buffers.delete(buffer);
    buffer.destroy();
  }

  /** Throws `device/out-of-memory` when an allocation since the last call failed. */
  async settled(): Promise<void> {
    await Promise.all(this.pending.splice(0));
  }

  /** Whether the device gives so much now; it is given back at once. */
  async hasRoomFor(sizeBytes: number): Promise<boolean> {
    const most = Math.min(this.device.limits.maxBufferSize, mostTriedBytes);
    const buffers: GPUBuffer[] = [];
    try {
      for (let left = sizeBytes; left > 0; left -= most)
        buffers.push(this.allocate('arena on trial', Math.min(left, most), GPUBufferUsage.STORAGE, 'activations'));
      await this.settled();
      return true;
    } catch (thrown) {
      if (thrown instanceof TuneletError && thrown.code === 'device/out-of-memory') return false;
      throw thrown;
    } finally {
      for (const buffer of buffers) this.release(buffer);
    }
  }

  releaseAll(): void {
    for (const buffer of this.buffers.keys()) this.release(buffer);
  }

  private requireSize(label: string, size: number, usage: GPUBufferUsageFlags): void {
    const { maxBufferSize } = this.device.limits;
    if (size <= maxBufferSize) return this.requireBindable(label, size, usage);
    throw new TuneletError(
      'model/too-large',
      `${label} needs a buffer of ${size} bytes; this device makes none above ${maxBufferSize}.`,
      'Store the weights as float16, use a smaller batch, or choose a smaller model.',
      { sizeBytes: size, limitBytes: maxBufferSize },
    );
  }

  /** Arenas are bound in parts and checked part by part; other storage buffers are bound whole. */
  private requireBindable(label: string, size: number, usage: GPUBufferUsageFlags): void {
    if (!(usage & GPUBufferUsage.STORAGE) || label.startsWith('arena')) return;
    requireBindingSize(this.device.limits.maxStorageBufferBindingSize, label, size);
  }
}

/** Throws `model/too-large` for a range that one binding cannot span. */
export function requireBindingSize(limit: number, label: string, sizeBytes: number): void {
  if (sizeBytes <= limit) return;
  throw new TuneletError(
    'model/too-large',
    `${label} takes ${sizeBytes} bytes; a kernel of this device reaches ${limit} bytes of a buffer.`,
    'Store the weights as float16, use a smaller batch, or choose a smaller model.',
    { sizeBytes, limitBytes: limit },
  );
}

const groupWords: Record<MemoryGroup, string> = {
  weights: 'weights of the base model',
  optimizer: 'adapter and its optimizer',
  activations: 'activations',
  caches: 'caches of keys and values',
  other: 'small buffers of a step',
};

function outOfMemory(asked: { label: string; group: MemoryGroup; sizeBytes: number; heldBytes: number }): TuneletError {
  const { label, group, sizeBytes, heldBytes } = asked;
  const mega = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  return new TuneletError(
    'device/out-of-memory',
    `The graphics device had no room for the ${groupWords[group]}. ${mega(sizeBytes)} were asked for (${label}) while it held ${mega(heldBytes)}.`,
    'Use a smaller batch or shorter texts, close other tabs, or choose a smaller model.',
    { group, sizeBytes, heldBytes },
  );
}
