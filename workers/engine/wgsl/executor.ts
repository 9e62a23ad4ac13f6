import { TuneletError } from '../../api/errors';
import type { Executor, Program, WeightRows } from '../executor';
import type { Graph, StateName, Value } from '../graph';
import { planMemory, type MemoryPlan } from '../memoryPlan';
import type { Counts } from '../shape';
import { openDevice } from './device';
import type { DeviceTraits, Kernel, KernelContext } from './kernel';
import { PipelineCache, type CompileNote } from './pipelines';
import { WgslProgram } from './program';
import { readStaging } from './readback';
import { Runtime } from './runtime';

/** The ops' kernels, by op. */
export type KernelTable = Readonly<Record<string, { kernel(context: KernelContext<never>): Kernel[] }>>;

export interface WgslOptions {
  ops: KernelTable;
  /** Default: the fastest adapter's device, which the executor then owns. */
  device?: GPUDevice;
  /** Longer steps are cut into submits of about so long; Infinity: never. */
  maxSubmitMs?: number;
  /** Default: by the adapter. */
  matmul?: DeviceTraits['matmul'];
}

const defaultMaxSubmitMs = 250;

/** Opens a device and makes its executor. Throws `device/unavailable`. */
export async function createWgslExecutor({ ops, device, maxSubmitMs, matmul }: WgslOptions): Promise<WgslExecutor> {
  const opened = await openDevice(device, matmul);
  const runtime = new Runtime(opened.device, opened.traits, maxSubmitMs ?? defaultMaxSubmitMs);
  return new WgslExecutor(ops, runtime, opened.owned);
}

/** Runs whole graphs by WGSL kernels on one WebGPU device. */
export class WgslExecutor implements Executor {
  readonly kind = 'webgpu';
  readonly lost: Promise<string>;
  private readonly ops: KernelTable;
  private readonly runtime: Runtime;
  private readonly pipelines: PipelineCache;
  private readonly ownsDevice: boolean;

  constructor(ops: KernelTable, runtime: Runtime, ownsDevice: boolean) {
    this.ops = ops;
    this.runtime = runtime;
    this.ownsDevice = ownsDevice;
    this.pipelines = new PipelineCache(runtime.device);
    this.lost = runtime.lost;
  }

  /** What was compiled so far, how long it took, and any warnings. */
  get compileNotes(): readonly CompileNote[] {
    return this.pipelines.notes;
  }

  get memoryBytes(): number {
    return this.runtime.memory.bytes;
  }

  allocateWeights(weights: readonly Value[]): void {
    this.runtime.requireAlive();
    this.runtime.weights.allocate(weights);
  }

  writeWeights(rows: WeightRows): void {
    this.runtime.requireAlive();
    this.runtime.weights.write(rows);
  }

  async finishWeights(): Promise<void> {
    this.runtime.weights.requireComplete();
    await this.settle();
  }

  allocateParameters(size: number): void {
    this.runtime.requireAlive();
    this.runtime.states.allocate(size);
  }

  async readState(name: StateName): Promise<Float32Array> {
    await this.settle();
    const { device, memory, states } = this.runtime;
    const sizeBytes = states.length(name) * 4;
    const staging = memory.allocate(`reading ${name}`, sizeBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    try {
      // In turn with the runs, so that every run that was called before is in it.
      const bytes = await this.runtime.inOrder(async () => {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(states.buffer(name), 0, staging, 0, sizeBytes);
        device.queue.submit([encoder.finish()]);
        return this.runtime.guard(readStaging(staging, sizeBytes));
      });
      return new Float32Array(bytes);
    } finally {
      memory.release(staging);
    }
  }

  writeState(name: StateName, values: Float32Array): void {
    this.runtime.requireAlive();
    const { device, states } = this.runtime;
    if (values.length !== states.length(name)) {
      throw new RangeError(`${name} has room for ${states.length(name)} numbers; ${values.length} came.`);
    }
    device.queue.writeBuffer(states.buffer(name), 0, values as Float32Array<ArrayBuffer>);
  }

  async prepare(graph: Graph, capacity: Counts, onProgress?: (done: number, total: number) => void): Promise<Program> {
    await this.settle();
    const plan = this.plan(graph, capacity);
    const kernels = graph.nodes.flatMap((node) => this.kernelsOf(node).map((kernel) => ({ kernel, phase: node.phase })));
    const compiled = await this.runtime.guard(
      this.pipelines.compile(
        kernels.map(({ kernel }) => kernel),
        onProgress,
      ),
    );
    const planned = kernels.map((entry, index) => ({ ...entry, compiled: compiled[index]! }));
    // In turn with the runs: the arenas they share may have to grow.
    const program = await this.runtime.inOrder(async () => new WgslProgram(this.runtime, graph, capacity, plan, planned));
    try {
      await this.settle();
    } catch (error) {
      program.dispose();
      throw error;
    }
    return program;
  }

  dispose(): void {
    this.runtime.dispose();
    if (this.ownsDevice) this.runtime.device.destroy();
  }

  /** Waits for what was allocated; throws when there was no room. */
  private async settle(): Promise<void> {
    await this.runtime.guard(this.runtime.memory.settled());
  }

  private kernelsOf(node: Graph['nodes'][number]): Kernel[] {
    const op = this.ops[node.op];
    if (!op) throw new Error(`There is no op ${node.op}.`);
    return op.kernel({ node, attributes: node.attributes as never, device: this.runtime.traits });
  }

  private plan(graph: Graph, capacity: Counts): MemoryPlan {
    const { maxBufferSize } = this.runtime.device.limits;
    try {
      return planMemory(graph, capacity, maxBufferSize);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TuneletError('device/out-of-memory', error.message, 'Use a smaller batch or shorter texts.', {
        limitBytes: maxBufferSize,
      });
    }
  }
}
