import type { Batch, Program, Readings } from '../executor';
import type { Graph, Node, Value } from '../graph';
import { planMemory, type MemoryPlan } from '../memoryPlan';
import { nextTask } from '../nextTask';
import { elementCount, requireRoom, type Counts } from '../shape';
import type { StepValues } from '../step';
import type { Arena } from './arena';
import type { WasmCaches } from './caches';
import type { Heap } from './heap';
import type { ArgumentValues, WasmContext, WasmKernel, WasmTable } from './kernel';
import type { WasmStates } from './states';
import type { Threads } from './threads';
import type { WasmWeights } from './weights';
import { Workspace } from './workspace';

/** What programs of one executor share. */
export interface WasmDevice {
  ops: WasmTable;
  heap: Heap;
  threads: Threads;
  weights: WasmWeights;
  states: WasmStates;
  caches: WasmCaches;
  /** Intermediate values, of whichever program runs: a run begins and ends without another between. */
  arena: Arena;
}

/** Told of each node as it is done, for profiles. */
export type NodeTimer = (node: Node, elapsedMs: number) => void;

/** A graph run node by node; intermediate values lie in one arena by lifetime. */
export class WasmProgram implements Program {
  readonly lastRun = null;
  readonly arenaBytes: number;
  /** For profiles. */
  onNode: NodeTimer | null = null;
  private readonly graph: Graph;
  private readonly capacity: Counts;
  private readonly device: WasmDevice;
  private readonly plan: MemoryPlan;
  private readonly inputs = new Map<string, number>();
  private readonly workspace: Workspace;
  private disposed = false;

  /** Throws where the graph has values of half precision, which processors do not compute with. */
  constructor(graph: Graph, capacity: Counts, device: WasmDevice) {
    for (const { op, outputs } of graph.nodes) {
      if (!device.ops[op]) throw new Error(`The table of ops has no ${op}.`);
      const half = outputs.find(({ type }) => type === 'f16');
      if (half) throw new Error(`${half.label} is float16; a graph for the processor has float32 alone.`);
    }
    this.graph = graph;
    this.capacity = capacity;
    this.device = device;
    this.plan = planMemory(graph, capacity, Infinity);
    device.weights.arrange(graph, device.ops);
    const { heap } = device;
    this.arenaBytes = this.plan.arenaBytes[0] ?? 0;
    device.arena.reserve(this.arenaBytes);
    for (const { role, shape } of graph.nodes.flatMap((node) => node.inputs.filter((input) => input !== null))) {
      if (role.kind !== 'input' || this.inputs.has(role.name)) continue;
      this.inputs.set(role.name, heap.allocate(4 * elementCount(shape, capacity)));
    }
    this.workspace = new Workspace(heap);
  }

  async run(batch: Batch, step: StepValues, update: boolean): Promise<Readings> {
    if (this.disposed) throw new Error('This program was disposed.');
    requireRoom(batch, this.capacity);
    this.writeInputs(batch);
    const made = new Set<Value>();
    for (const node of this.graph.nodes) {
      if (node.phase === 'update' && !update) continue;
      const begin = this.onNode ? performance.now() : 0;
      this.workspace.reset();
      this.device.ops[node.op]?.run(this.context(node, batch, step), node.attributes as never);
      for (const output of node.outputs) made.add(output);
      this.onNode?.(node, performance.now() - begin);
    }
    const readings = new Map<string, Float32Array>();
    for (const [name, value] of this.graph.outputs) {
      if (value.role.kind === 'intermediate' && !made.has(value)) continue;
      readings.set(name, Float32Array.from(this.device.heap.floats(this.address(value), elementCount(value.shape, batch))));
    }
    await nextTask();
    return readings;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.workspace.dispose();
    for (const address of this.inputs.values()) this.device.heap.release(address);
  }

  private context(node: Node, batch: Batch, step: StepValues): WasmContext {
    const { heap, threads, weights } = this.device;
    return {
      node,
      step,
      batch,
      counts: batch,
      threads: threads.count,
      address: (value) => (value ? this.address(value) : 0),
      packed: (weight, transposed) => weights.packed(weight, transposed),
      workspace: (sizeBytes) => this.workspace.take(sizeBytes),
      table: (values) => {
        const address = this.workspace.take(4 * values.length);
        heap.integers(address, values.length).set(values);
        return address;
      },
      reserveScratch: (sizeBytes) => threads.reserveScratch(sizeBytes),
      call: <K extends Readonly<Record<string, 'i32' | 'f32'>>>(
        kernel: WasmKernel<K>,
        parts: number,
        values: ArgumentValues<K>,
      ) => threads.call(kernel, parts, values),
    };
  }

  private address(value: Value): number {
    const { role } = value;
    const { weights, states } = this.device;
    if (role.kind === 'weight') return weights.plain(value);
    if (role.kind === 'parameter') return states.address('parameters') + 4 * role.offset;
    if (role.kind === 'gradient') return states.address('gradients') + 4 * role.offset;
    if (role.kind === 'cache') return this.device.caches.address(value);
    if (role.kind === 'state') return states.address(role.name);
    const place = role.kind === 'input' ? this.inputs.get(role.name) : this.plan.places.get(value.id)?.offsetBytes;
    if (place === undefined) throw new Error(`${value.label} has no place in this program.`);
    return role.kind === 'input' ? place : this.device.arena.address + place;
  }

  private writeInputs(batch: Batch): void {
    for (const [name, address] of this.inputs) {
      const integers = batch.inputs[name];
      if (!integers) throw new Error(`The batch has no input ${name}.`);
      this.device.heap.integers(address, integers.length).set(integers);
    }
  }
}
