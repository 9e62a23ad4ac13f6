import type * as tf from '@tensorflow/tfjs-core';
import type { Attributes, GraphBuilder, Node, Value } from './graph';
import type { Kernel, KernelChoice, KernelContext } from './wgsl/kernel';
import type { Counts, Shape } from './shape';
import type { StepValues } from './step';

/** What an op's `backward` may use. It adds nodes to `graph` and returns one gradient for each input (null: none). */
export interface BackwardContext<A> {
  graph: GraphBuilder;
  node: Node;
  attributes: A;
  /** Gradients of the outputs; null where nothing depends on that output. */
  gradients: readonly (Value | null)[];
  /** Which inputs need a gradient. */
  needs: readonly boolean[];
}

export interface ReferenceContext {
  step: StepValues;
  counts: Counts;
}

/** One step's view of TensorFlow.js. Ops must not dispose their inputs; the executor tidies up after each node. */
export interface TfjsContext {
  tf: typeof tf;
  step: StepValues;
  counts: Counts;
  /** A transposed copy, of a frozen weight made once and kept: the wasm backend multiplies 15 times slower by a transposed operand. */
  transposed(weight: tf.Tensor): tf.Tensor;
  /** Something that several nodes of one step share (a dropout mask, padding indices): made at first use, disposed after the step. */
  memo(key: string, make: () => tf.Tensor): tf.Tensor;
  /** A batch input as the host's own integers. */
  host(name: string): Int32Array;
  /**
   * The tensor's numbers where the host can read them at once (wasm, cpu), else null (webgpu). A view: read it before
   * making the next tensor, and do not write to it.
   */
  hostView(tensor: tf.Tensor): Float32Array | null;
}

/**
 * Inputs and outputs of a node, by index, that may be float16 where the last dimensions of all of them divide by four; an op
 * whose outputs are float32 anyway takes each input for itself.
 */
export interface Halves<A = never> {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** For an op that moves or adds numbers: its outputs are float16 only where all of `inputs` are. Default: wherever they may be. */
  readonly follows?: boolean;
  /** Inputs of matrix products: where the value itself stays float32, its producer's copy is read, if that `copies`. */
  readonly multiplied?: readonly number[];
  /** True for an op that, with the attribute `copied`, also writes its output as float16 for the products that read it. */
  readonly copies?: boolean;
  /** Where kernels ask for more than last dimensions that divide by four. */
  fits?(inputs: readonly (Shape | null)[], attributes: A): boolean;
}

export interface OpDefinition<A extends Attributes> {
  readonly name: string;
  /** Throws ShapeError with the shapes and the remedy. Absent optional inputs are null. */
  inferShape(inputs: readonly (Shape | null)[], attributes: A): Shape[];
  /** Shapes of room that the kernels work in, within the arena. Default: none. */
  scratch?(inputs: readonly (Shape | null)[], attributes: A): Shape[];
  /** Null for an op that is itself part of a backward pass or of the optimizer. */
  readonly backward: ((context: BackwardContext<A>) => (Value | null)[]) | null;
  /** Plain loops in double precision: the oracle. Integers come as doubles. One array an output. */
  reference(
    inputs: readonly (Float64Array | null)[],
    shapes: readonly (readonly number[] | null)[],
    attributes: A,
    context: ReferenceContext,
  ): Float64Array[];
  tfjs(context: TfjsContext, inputs: readonly (tf.Tensor | null)[], attributes: A): tf.Tensor[];
  /** The dispatches that compute the node. */
  kernel(context: KernelContext<A>): Kernel[];
  /** Where several kernels compute the op. */
  readonly choices?: readonly KernelChoice[];
  /** What the kernels can read and write as float16. */
  readonly halves?: Halves<A>;
  /** True when its output may be written into (or added to) a gradient slice as it is computed. */
  readonly accumulates?: boolean;
}
