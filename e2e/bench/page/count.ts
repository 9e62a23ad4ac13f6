/** Counts what any engine asks of the GPU, by watching the browser's own objects; the same for both engines. */
export class GpuCounter {
  dispatches = 0;
  submits = 0;
  bindGroups = 0;
  /** Buffers alive now. */
  bufferBytes = 0;
  peakBufferBytes = 0;

  constructor() {
    const count = <K extends string, T extends Record<K, (...args: never[]) => unknown>>(
      target: T,
      method: K,
      after: (args: unknown[], result: unknown) => void,
    ): void => {
      const original = target[method];
      Object.defineProperty(target, method, {
        configurable: true,
        value(this: unknown, ...args: never[]) {
          const result: unknown = Reflect.apply(original, this, args);
          after(args, result);
          return result;
        },
      });
    };
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => (this.dispatches += 1));
    count(GPUQueue.prototype, 'submit', () => (this.submits += 1));
    count(GPUDevice.prototype, 'createBindGroup', () => (this.bindGroups += 1));
    const alive = new WeakSet<object>();
    count(GPUDevice.prototype, 'createBuffer', (_, buffer) => {
      if (!(buffer instanceof GPUBuffer)) return;
      alive.add(buffer);
      this.bufferBytes += buffer.size;
      this.peakBufferBytes = Math.max(this.peakBufferBytes, this.bufferBytes);
    });
    const destroy = GPUBuffer.prototype.destroy;
    const released = (buffer: GPUBuffer): void => {
      if (alive.delete(buffer)) this.bufferBytes -= buffer.size;
    };
    GPUBuffer.prototype.destroy = function destroyCounted(this: GPUBuffer): undefined {
      released(this);
      return destroy.call(this);
    };
  }

  reset(): void {
    this.dispatches = 0;
    this.submits = 0;
    this.bindGroups = 0;
    this.peakBufferBytes = this.bufferBytes;
  }
}

/** One engine's step, ready to be timed. */
export interface BenchEngine {
  /** Runs the training step on the workload's batch `at` (they are taken in turn) to its end; resolves with the loss. */
  step(at: number): Promise<{ loss: number; encodeMs: number | null }>;
  /** Bytes it holds: frozen weights, intermediate values, and all there is; null where it cannot tell. */
  readonly bytes: { weights: number; arenas: number; total: number } | null;
  /** Time of each dispatch of one step, by kernel; null where the device has no timestamps. */
  profile?(): Promise<{ label: string; elapsedMs: number }[] | null>;
  dispose(): void;
}
