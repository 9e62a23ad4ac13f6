import * as tf from '@tensorflow/tfjs-core';
import type { Executor, WeightRows } from '../executor';
import { lostError } from '../deviceLoss';
import type { Graph, StateName, Value } from '../graph';
import type { Counts } from '../shape';
import { startBackend, type Backend, type BackendOptions } from './backend';
import { TfjsCaches } from './caches';
import { TfjsProgram, type TfjsDevice, type TfjsTable } from './program';
import { TfjsStates } from './states';
import { TfjsWeights } from './weights';

export interface TfjsOptions extends BackendOptions {
  ops: TfjsTable;
}

/** Starts TensorFlow.js' backend and makes its executor. Throws `device/unavailable`. */
export async function createTfjsExecutor({ ops, ...options }: TfjsOptions): Promise<TfjsExecutor> {
  return new TfjsExecutor(ops, await startBackend(options));
}

/** Runs whole graphs by TensorFlow.js: the ground floor, where there is no GPU to write kernels for. */
export class TfjsExecutor implements Executor {
  readonly kind: 'webgpu' | 'wasm';
  readonly lost: Promise<string>;
  private readonly device: TfjsDevice;
  private lossReason: string | null = null;

  constructor(ops: TfjsTable, backend: Backend) {
    this.lost = backend.lost;
    void backend.lost.then((reason) => (this.lossReason = reason));
    this.kind = backend.name === 'webgpu' ? 'webgpu' : 'wasm';
    this.device = { ops, backend, weights: new TfjsWeights(), states: new TfjsStates(backend), caches: new TfjsCaches() };
  }

  /** Threads that multiply. */
  get threads(): number {
    return this.device.backend.threads;
  }

  /** The whole backend's, its copies of weights packed for multiplication included. */
  get memoryBytes(): number {
    return this.device.backend.memoryBytes();
  }

  allocateWeights(weights: readonly Value[]): void {
    this.device.weights.allocate(weights);
  }

  writeWeights(rows: WeightRows): void {
    this.device.backend.activate();
    this.device.weights.write(rows);
  }

  async finishWeights(): Promise<void> {
    // Writing to a device that is gone fails silently.
    if (this.lossReason !== null) throw lostError(this.lossReason);
    this.device.weights.requireComplete();
  }

  allocateParameters(size: number): void {
    this.device.backend.activate();
    this.device.states.allocate(size);
  }

  allocateCaches(caches: readonly Value[]): void {
    this.device.backend.activate();
    this.device.caches.allocate(caches);
  }

  async readState(name: StateName): Promise<Float32Array> {
    this.device.backend.activate();
    try {
      return Float32Array.from(await this.device.states.tensor(name).data());
    } catch (thrown) {
      throw await this.device.backend.causeOf(thrown);
    }
  }

  writeState(name: StateName, values: Float32Array): void {
    this.device.backend.activate();
    this.device.states.replace(name, tf.tensor1d(values.slice()));
  }

  async prepare(graph: Graph, capacity: Counts, onProgress?: (done: number, total: number) => void): Promise<TfjsProgram> {
    const program = new TfjsProgram(graph, capacity, this.device);
    onProgress?.(1, 1);
    return program;
  }

  dispose(): void {
    if (this.lossReason === null) this.device.backend.activate();
    this.device.weights.dispose();
    this.device.states.dispose();
    this.device.caches.allocate([]);
  }
}
