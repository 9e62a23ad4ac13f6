import { TuneletError } from '../../api/errors';
import { lossToldWithinMs, lostError } from '../deviceLoss';
import type { Value } from '../graph';
import { Arenas } from './arenas';
import { Caches } from './caches';
import type { DeviceTraits } from './kernel';
import { Memory } from './memory';
import type { RowWindow } from './rowWindows';
import { States } from './states';
import { slotBytes, stepUniformBytes } from './uniforms';
import { Stopwatch } from './stopwatch';
import { tileOrigins } from './submitCutting';
import { WeightStore } from './weightStore';

/** What all programs of a device share: its queue, memory, weights, states, and its end. */
export class Runtime {
  readonly device: GPUDevice;
  readonly traits: DeviceTraits;
  readonly maxSubmitMs: number;
  readonly memory: Memory;
  readonly weights: WeightStore;
  readonly states: States;
  readonly arenas: Arenas;
  readonly caches: Caches;
  readonly stopwatch: Stopwatch;
  /** `Batch` of header.wgsl; written before each run, in the queue's order. */
  readonly stepBuffer: GPUBuffer;
  readonly tileOriginBuffer: GPUBuffer;
  /** Measured by any program; where the next one begins. */
  msPerWork: number | null = null;
  /** Resolves with the reason when the device is lost or refuses a command: nothing more can be had of it. */
  readonly lost: Promise<string>;
  private tellLost: (reason: string) => void = () => {};
  private failure: TuneletError | null = null;
  private readonly rejections = new Set<(error: TuneletError) => void>();
  private turn: Promise<unknown> = Promise.resolve();
  private closing = false;

  constructor(device: GPUDevice, traits: DeviceTraits, maxSubmitMs: number) {
    this.device = device;
    this.traits = traits;
    this.maxSubmitMs = maxSubmitMs;
    this.memory = new Memory(device);
    this.weights = new WeightStore(this.memory, traits.maxStorageBufferBindingSize);
    this.states = new States(this.memory);
    this.arenas = new Arenas(this.memory);
    this.caches = new Caches(this.memory);
    this.stopwatch = new Stopwatch(this.memory);
    const uniform = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.stepBuffer = this.memory.allocate('step', stepUniformBytes, uniform);
    this.tileOriginBuffer = this.memory.allocate('tile origins', tileOrigins.length * slotBytes, uniform);
    const origins = new Uint32Array((tileOrigins.length * slotBytes) / 4);
    tileOrigins.forEach((origin, slot) => origins.fill(origin, (slot * slotBytes) / 4, (slot * slotBytes) / 4 + 1));
    device.queue.writeBuffer(this.tileOriginBuffer, 0, origins);
    device.addEventListener('uncapturederror', this.onError);
    this.lost = new Promise((resolve) => (this.tellLost = resolve));
    void device.lost.then(({ message, reason }) => {
      if (!this.closing) this.fail(lostError(message || reason));
    });
  }

  /** Changes whenever buffers that programs have bound were replaced. */
  get bindingVersion(): number {
    return this.states.version + this.arenas.version + this.caches.version;
  }

  /** Runs follow one another in the queue in the order of their calls. */
  async inOrder<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** The promise's outcome, or the device's failure if that comes first. */
  async guard<T>(promise: Promise<T>): Promise<T> {
    // What ends with the device is told by the device's failure alone.
    promise.catch(() => undefined);
    this.requireAlive();
    return new Promise<T>((resolve, reject) => {
      this.rejections.add(reject);
      promise
        .then((value) => (this.failure ? reject(this.failure) : resolve(value)))
        .catch(async (error: unknown) => reject(await this.causeOf(error)))
        .finally(() => this.rejections.delete(reject));
    });
  }

  /** A command that was under way can be told of a lost device before the device's own promise says so. */
  private async causeOf(error: unknown): Promise<unknown> {
    if (this.failure === null && error instanceof DOMException) {
      await Promise.race([this.lost, new Promise((resolve) => setTimeout(resolve, lossToldWithinMs))]);
    }
    return this.failure ?? error;
  }

  /** Throws what went wrong on this device, if anything did. */
  requireAlive(): void {
    if (this.failure) throw this.failure;
    if (this.closing) throw new Error('This executor was disposed.');
  }

  /** Where a weight (or these rows of one), parameter, gradient or state lies. */
  lastingRange(value: Value, elements: number, rows?: RowWindow): { buffer: GPUBuffer; offset: number; size: number } {
    if (value.role.kind === 'cache') return this.caches.range(value);
    if (value.role.kind !== 'weight') return this.states.range(value, elements);
    const buffer = this.weights.bufferOf(value, rows);
    return { buffer, offset: 0, size: buffer.size };
  }

  dispose(): void {
    this.closing = true;
    this.device.removeEventListener('uncapturederror', this.onError);
    this.stopwatch.dispose();
    this.memory.releaseAll();
  }

  private readonly onError = (event: GPUUncapturedErrorEvent): void => {
    const outOfMemory = event.error instanceof GPUOutOfMemoryError;
    this.fail(
      new TuneletError(
        outOfMemory ? 'device/out-of-memory' : 'internal',
        `The graphics device refused a command: ${event.error.message}`,
        outOfMemory
          ? 'Use a smaller batch or shorter texts, or close other tabs.'
          : 'Reload the page, or choose the processor as device.',
      ),
    );
  };

  private fail(error: TuneletError): void {
    this.failure ??= error;
    for (const reject of this.rejections) reject(this.failure);
    this.rejections.clear();
    this.tellLost(this.failure.message);
  }
}
