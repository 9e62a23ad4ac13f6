import type { Executor, WeightRows } from '../executor';
import type { Graph, StateName, Value } from '../graph';
import type { Counts } from '../shape';
import { Arena } from './arena';
import type { Features } from './assembler';
import { WasmCaches } from './caches';
import { findFeatures } from './features';
import { Heap } from './heap';
import type { WasmTable } from './kernel';
import { packPanels, unpackPanels } from './panels';
import { WasmProgram, type WasmDevice } from './program';
import { WasmStates } from './states';
import { Threads } from './threads';
import { WasmWeights } from './weights';

export interface WasmOptions {
  ops: WasmTable;
  /** More than one needs a cross-origin isolated page. Default: one. */
  threads?: number;
  /** Default: what the browser has. */
  features?: Features;
}

/** Compiles the kernels and starts their threads. Throws `device/unavailable`. */
export async function createWasmExecutor({ ops, threads = 1, features }: WasmOptions): Promise<WasmExecutor> {
  const heap = new Heap(threads > 1);
  const kernels = new Set([packPanels, unpackPanels, ...Object.values(ops).flatMap((op) => [...op.kernels])]);
  return new WasmExecutor(ops, heap, await Threads.start(heap, [...kernels], threads, features ?? findFeatures()));
}

/** Runs whole graphs on the processor, by SIMD kernels of WebAssembly that are written in this project. */
export class WasmExecutor implements Executor {
  readonly kind = 'wasm';
  /** Never resolves: a processor does not go away. */
  readonly lost = new Promise<string>(() => {});
  private readonly device: WasmDevice;

  constructor(ops: WasmTable, heap: Heap, threads: Threads) {
    const weights = new WasmWeights(heap, threads);
    this.device = {
      ops,
      heap,
      threads,
      weights,
      states: new WasmStates(heap),
      caches: new WasmCaches(heap),
      arena: new Arena(heap),
    };
  }

  /** Threads that compute. */
  get threads(): number {
    return this.device.threads.count;
  }

  get memoryBytes(): number {
    return this.device.heap.usedBytes;
  }

  /** Frozen weights, in every form in which they are held. */
  get weightBytes(): number {
    return this.device.weights.bytes;
  }

  allocateWeights(weights: readonly Value[]): void {
    this.device.weights.allocate(weights);
  }

  writeWeights(rows: WeightRows): void {
    this.device.weights.write(rows);
  }

  async finishWeights(): Promise<void> {
    this.device.weights.requireComplete();
  }

  allocateParameters(size: number): void {
    this.device.states.allocate(size);
  }

  allocateCaches(caches: readonly Value[]): void {
    this.device.caches.allocate(caches);
  }

  async readState(name: StateName): Promise<Float32Array> {
    return this.device.states.read(name);
  }

  writeState(name: StateName, values: Float32Array): void {
    this.device.states.write(name, values);
  }

  async prepare(graph: Graph, capacity: Counts, onProgress?: (done: number, total: number) => void): Promise<WasmProgram> {
    const program = new WasmProgram(graph, capacity, this.device);
    onProgress?.(1, 1);
    return program;
  }

  /** The memory itself goes with the last reference to the executor. */
  dispose(): void {
    this.device.weights.dispose();
    this.device.states.dispose();
    this.device.caches.allocate([]);
    this.device.arena.dispose();
    this.device.threads.dispose();
  }
}
