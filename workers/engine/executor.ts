import type { Graph, StateName, Value } from './graph';
import type { QuantisedRows } from './quantisedBlocks';
import type { Counts } from './shape';
import type { StepValues } from './step';

/** One packed batch: integers by input name, and the two numbers that shapes depend on. */
export interface Batch extends Counts {
  inputs: Readonly<Record<string, Int32Array>>;
}

/** Values read back, by output name. */
export type Readings = ReadonlyMap<string, Float32Array>;

/** A graph made ready: memory planned, pipelines compiled, bind groups built. */
export interface Program {
  /**
   * Runs one micro-batch; with `update` also the nodes of the update phase. Several runs may be under way: each
   * resolves with its own readings, in order, without stalling the device.
   */
  run(batch: Batch, step: StepValues, update: boolean): Promise<Readings>;
  /** Bytes of intermediate values. */
  readonly arenaBytes: number;
  /** Dispatches and submits of the last run, for the benchmark; null where the executor has none. */
  readonly lastRun: RunCounts | null;
  dispose(): void;
}

export interface RunCounts {
  dispatches: number;
  submits: number;
  bindGroupsCreated: number;
  encodeMs: number;
}

/** Rows of one checkpoint tensor, as they arrive. Uint16Array holds float16 bits; rows in blocks are taken over as they are. */
export interface WeightRows {
  tensor: string;
  rowOffset: number;
  rows: number;
  rowLength: number;
  values: Float32Array | Uint16Array | QuantisedRows;
}

/** Owns a device's weights, parameters and optimizer state; runs programs on them. */
export interface Executor {
  readonly kind: 'webgpu' | 'wasm';
  /** Makes room for these frozen weights (views of one tensor included). Call once, before `writeWeights`. */
  allocateWeights(weights: readonly Value[]): void;
  writeWeights(rows: WeightRows): void;
  /** Throws, naming them, when rows of an allocated weight never came. */
  finishWeights(): Promise<void>;
  /** Makes the flat buffers, zeroed; a second call replaces them. */
  allocateParameters(size: number): void;
  readState(name: StateName): Promise<Float32Array>;
  writeState(name: StateName, values: Float32Array): void;
  /** Makes room for these caches, in place of earlier ones; of none: gives the room back. Their first numbers are whatever. */
  allocateCaches(caches: readonly Value[]): void;
  /** `capacity`: the most tokens and sequences that any batch will have. */
  prepare(graph: Graph, capacity: Counts, onProgress?: (done: number, total: number) => void): Promise<Program>;
  /** Bytes held now: weights, states, arenas. */
  readonly memoryBytes: number;
  /** Resolves with the reason when the device is lost, or has failed and computes nothing more. */
  readonly lost: Promise<string>;
  dispose(): void;
}
