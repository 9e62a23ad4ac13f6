import type { Batch } from '../executor';
import type { Node, Value } from '../graph';
import type { Counts } from '../shape';
import type { StepValues } from '../step';
import { defineFunction, type FunctionBuilder, type FunctionDefinition, type Local } from './assembler';
import { f32, i32, type F32, type I32 } from './instructions';

/** How a kernel of WebAssembly is written, and how an op asks for it. */

type Kinds = Readonly<Record<string, 'i32' | 'f32'>>;
type ArgumentLocals<K extends Kinds> = { readonly [Name in keyof K]: Local<K[Name]> };
export type ArgumentValues<K extends Kinds> = { readonly [Name in keyof K]: number };

/** A kernel's own place among the parts of its call. */
export interface Part {
  /** From 0; parts run in any order, side by side. */
  part: Local<'i32'>;
  /** Address of this thread's own bytes; see `WasmContext.reserveScratch`. */
  scratch: Local<'i32'>;
}

export interface WasmKernel<K extends Kinds = Kinds> {
  readonly name: string;
  readonly kinds: K;
  readonly definition: FunctionDefinition<readonly ['i32', 'i32', 'i32']>;
}

/** A kernel with named arguments; addresses and counts are integers. */
export function defineKernel<const K extends Kinds>(
  name: string,
  kinds: K,
  build: (f: FunctionBuilder, values: ArgumentLocals<K>, part: Part) => void,
): WasmKernel<K> {
  const definition = defineFunction(name, ['i32', 'i32', 'i32'], (f, [part, values, scratch]) => {
    const read = (kind: 'i32' | 'f32', index: number): I32 | F32 =>
      kind === 'i32' ? i32.load(values, 4 * index) : f32.load(values, 4 * index);
    const locals = Object.entries(kinds).map(([key, kind], index) => [key, f.local(kind, read(kind, index))]);
    build(f, Object.fromEntries(locals), { part, scratch });
  });
  return { name, kinds, definition };
}

/** One run's view of an executor, for one node. */
export interface WasmContext {
  readonly node: Node;
  readonly step: StepValues;
  readonly counts: Counts;
  readonly batch: Batch;
  /** Threads that compute. */
  readonly threads: number;
  /** Address of a value's numbers: 4 bytes each, row by row. Of an absent value 0. */
  address(value: Value | null | undefined): number;
  /** Address of the matrix (K, N) that a frozen weight is (of its transpose (N, K)), packed in panels of eight columns. */
  packed(weight: Value, transposed: boolean): number;
  /** Bytes of work space, valid until the node is done; each call gives a place of its own. */
  workspace(sizeBytes: number): number;
  /** Integers of the host's making, in the work space. */
  table(values: Int32Array): number;
  /** Makes sure of as many bytes for each thread. Call before `call`. */
  reserveScratch(sizeBytes: number): void;
  /** Runs `parts` parts of a kernel, on all threads; done when it returns. */
  call<K extends Kinds>(kernel: WasmKernel<K>, parts: number, values: ArgumentValues<K>): void;
}

/** An op on this executor: the kernels it may call, and what it does with them. */
export interface WasmOp<A> {
  readonly kernels: readonly WasmKernel[];
  /** A weight that `run` asks for packed only: the index of the input, and whether transposed. */
  packs?(attributes: A): { input: number; transposed: boolean };
  run(context: WasmContext, attributes: A): void;
}

/** Ops by name. */
export type WasmTable = Readonly<Record<string, WasmOp<never>>>;
