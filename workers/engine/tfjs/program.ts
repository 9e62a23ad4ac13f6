import * as tf from '@tensorflow/tfjs-core';
import { TuneletError } from '../../api/errors';
import type { Batch, Program, Readings } from '../executor';
import type { Graph, Node, Value } from '../graph';
import { lastUses, planMemory } from '../memoryPlan';
import { nextTask } from '../nextTask';
import type { TfjsContext } from '../op';
import { countsOf, elementCount, resolveShape, type Counts } from '../shape';
import type { StepValues } from '../step';
import type { Backend } from './backend';
import type { TfjsCaches } from './caches';
import type { TfjsStates } from './states';
import type { TfjsWeights } from './weights';

/** The ops' TensorFlow.js versions, by op. */
export type TfjsTable = Readonly<
  Record<string, { tfjs(context: TfjsContext, inputs: readonly (tf.Tensor | null)[], attributes: never): tf.Tensor[] }>
>;

/** What programs of one executor share. */
export interface TfjsDevice {
  ops: TfjsTable;
  backend: Backend;
  weights: TfjsWeights;
  states: TfjsStates;
  caches: TfjsCaches;
}

/** Told of each node as it is done, for profiles. */
export type NodeTimer = (node: Node, elapsedMs: number) => void;

/** A graph run node by node; each value is disposed after its last use. */
export class TfjsProgram implements Program {
  readonly lastRun = null;
  readonly arenaBytes: number;
  /** For profiles. */
  onNode: NodeTimer | null = null;
  private readonly graph: Graph;
  private readonly device: TfjsDevice;
  private readonly expiring: number[][];
  private disposed = false;

  constructor(graph: Graph, capacity: Counts, device: TfjsDevice) {
    for (const { op } of graph.nodes) if (!device.ops[op]) throw new Error(`The table of ops has no ${op}.`);
    this.graph = graph;
    this.device = device;
    this.arenaBytes = planMemory(graph, capacity, Infinity).arenaBytes.reduce((sum, bytes) => sum + bytes, 0);
    this.expiring = graph.nodes.map(() => []);
    for (const [value, node] of lastUses(graph)) this.expiring[node]?.push(value);
  }

  async run(batch: Batch, step: StepValues, update: boolean): Promise<Readings> {
    if (this.disposed) throw new Error('This program was disposed.');
    this.device.backend.activate();
    const run = new Run(this.device, batch, step);
    try {
      this.graph.nodes.forEach((node, index) => {
        if (node.phase === 'update' && !update) return;
        const begin = this.onNode ? performance.now() : 0;
        run.compute(node);
        for (const value of this.expiring[index] ?? []) run.forget(value);
        this.onNode?.(node, performance.now() - begin);
      });
      const reads = [...this.graph.outputs].filter(([, value]) => run.has(value)).map(([name, value]) => run.read(name, value));
      const readings = new Map(await Promise.all(reads));
      await nextTask();
      return readings;
    } catch (thrown) {
      throw await this.device.backend.causeOf(namedMemoryError(thrown, batch));
    } finally {
      run.dispose();
    }
  }

  dispose(): void {
    this.disposed = true;
  }
}

/** WebAssembly ends at 4 GiB and says so as an abort; the cpu backend's arrays fail to be allocated. Anything else stays as it is. */
function namedMemoryError(thrown: unknown, { tokens, sequences }: Counts): unknown {
  if (!(thrown instanceof Error) || !/out of memory|\bOOM\b|allocation failed|enlarge memory/i.test(thrown.message))
    return thrown;
  return new TuneletError(
    'device/out-of-memory',
    `The memory of this tab ran out in a batch of ${sequences} texts with ${tokens} tokens: ${thrown.message}`,
    'Choose a smaller per_device_train_batch_size or max_length, or a smaller model.',
    { tokens, sequences },
  );
}

/** The tensors of one run. */
class Run {
  private readonly device: TfjsDevice;
  private readonly batch: Batch;
  private readonly step: StepValues;
  private readonly counts: Counts;
  private readonly context: TfjsContext;
  private readonly values = new Map<number, tf.Tensor>();
  private readonly inputs = new Map<string, tf.Tensor>();
  private readonly memos = new Map<string, tf.Tensor>();

  constructor(device: TfjsDevice, batch: Batch, step: StepValues) {
    this.device = device;
    this.batch = batch;
    this.step = step;
    this.counts = countsOf(batch);
    this.context = {
      tf,
      step,
      counts: this.counts,
      transposed: (weight) => device.weights.transposed(weight) ?? tf.transpose(weight),
      memo: (key, make) => this.memo(key, make),
      host: (name) => this.host(name),
      hostView: device.backend.hostView,
    };
  }

  compute(node: Node): void {
    const { ops } = this.device;
    const results = tf.tidy(() => {
      const inputs = node.inputs.map((input) => input && this.tensor(input));
      const made = ops[node.op]?.tfjs(this.context, inputs, node.attributes as never) ?? [];
      // An op may hand an input on; the output must then have a life of its own.
      return made.map((tensor) => (inputs.includes(tensor) ? tf.clone(tensor) : tensor));
    });
    node.outputs.forEach((output, index) => this.store(node.op, output, results[index]));
  }

  forget(value: number): void {
    this.values.get(value)?.dispose();
    this.values.delete(value);
  }

  has({ id, role }: Value): boolean {
    return role.kind !== 'intermediate' || this.values.has(id);
  }

  async read(name: string, value: Value): Promise<[string, Float32Array]> {
    // A clone, so that what is read may be replaced or disposed meanwhile.
    const tensor = tf.tidy(() => tf.clone(this.tensor(value)));
    try {
      return [name, Float32Array.from(await tensor.data())];
    } finally {
      tensor.dispose();
    }
  }

  dispose(): void {
    for (const tensors of [this.values, this.inputs, this.memos]) {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    }
  }

  private tensor(value: Value): tf.Tensor {
    const { role } = value;
    const { states, weights, caches } = this.device;
    if (role.kind === 'cache') return caches.tensor(role.name);
    if (role.kind === 'input') return this.input(role.name, value);
    if (role.kind === 'weight') return weights.tensor(value);
    if (role.kind === 'parameter') return states.parameter(role.offset, resolveShape(value.shape, this.counts));
    if (role.kind === 'gradient') return states.gradient(role.offset, resolveShape(value.shape, this.counts));
    if (role.kind === 'state') return states.tensor(role.name);
    const tensor = this.values.get(value.id);
    if (!tensor) throw new Error(`${value.label} is used before it is made.`);
    return tensor;
  }

  private store(op: string, output: Value, tensor: tf.Tensor | undefined): void {
    const expected = elementCount(output.shape, this.counts);
    if (tensor?.size !== expected) {
      tensor?.dispose();
      throw new Error(`${op} gave ${tensor?.size} numbers for ${output.label}, which has ${expected}.`);
    }
    const { role } = output;
    if (role.kind === 'intermediate') this.values.set(output.id, tensor);
    else if (role.kind === 'state') this.device.states.replace(role.name, tensor);
    else if (role.kind === 'cache') this.device.caches.replace(role.name, tensor);
    else if (role.kind === 'gradient') {
      this.device.states.writeGradient(role.offset, tensor, this.step.accumulate);
      tensor.dispose();
    } else throw new Error(`${op} cannot write ${output.label}: it is a ${role.kind}.`);
  }

  /** Integers, or the bits of floats where the graph says so. */
  private input(name: string, { type, shape }: Value): tf.Tensor {
    const known = this.inputs.get(name);
    if (known) return known;
    const sizes = resolveShape(shape, this.counts);
    const integers = this.host(name);
    const floats = type === 'f32' ? new Float32Array(integers.buffer, integers.byteOffset, integers.length) : null;
    const tensor = tf.keep(floats ? tf.tensor(floats.slice(), sizes) : tf.tensor(integers.slice(), sizes, 'int32'));
    this.inputs.set(name, tensor);
    return tensor;
  }

  private host(name: string): Int32Array {
    const integers = this.batch.inputs[name];
    if (!integers) throw new Error(`The batch has no input ${name}.`);
    return integers;
  }

  private memo(key: string, make: () => tf.Tensor): tf.Tensor {
    const known = this.memos.get(key);
    if (known) return known;
    const tensor = tf.keep(make());
    this.memos.set(key, tensor);
    return tensor;
  }
}
