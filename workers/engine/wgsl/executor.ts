import { TuneletError } from '../../api/errors';
import type { Executor, Program, WeightRows } from '../executor';
import type { Graph, StateName, Value } from '../graph';
import { planMemory, type MemoryPlan } from '../memoryPlan';
import type { Counts } from '../shape';
import { openDevice } from './device';
import { deviceKey, Findings } from './findings';
import type { DeviceTraits, KernelMaker } from './kernel';
import { KernelProver } from './kernelProver';
import type { FindingStore, ProofSource } from './kernelProof';
import { KernelSelection } from './kernelSelection';
import { PipelineCache, type CompileNote } from './pipelines';
import type { PlannedKernel } from './dispatches';
import { WgslProgram } from './program';
import { readStaging } from './readback';
import { Runtime } from './runtime';
import { Tuner, type TunerReport } from './tuner';

/** The ops' kernels, by op. */
export type KernelTable = Readonly<Record<string, KernelMaker>>;

export interface WgslOptions {
  ops: KernelTable;
  /** Default: the fastest adapter's device, which the executor then owns. */
  device?: GPUDevice;
  /** Longer steps are cut into submits of about so long; Infinity: never. */
  maxSubmitMs?: number;
  /** Default: by the adapter. */
  matmul?: DeviceTraits['matmul'];
  /** Variants by the name of their choice. Default: each choice's preferred one. */
  chosen?: DeviceTraits['chosen'];
  /** The most bytes that a binding spans. Default: the device's limit. */
  maxBindingBytes?: number;
  /** Tries every kernel against its reference before it is first used. Default: kernels are trusted. */
  proof?: ProofSource;
  /** Keeps what proofs and tuning found from visit to visit. Default: for as long as the executor lives. */
  findings?: FindingStore;
  /** Measures the variants of kernels; `auto`: on hardware. Default: never. */
  tuning?: 'auto' | 'always' | 'never';
}

/** What the executor found out about its device. */
export interface DeviceFindings {
  /** Distinct kernels whose results were judged, and how long that took in all beyond compiling. */
  proven: number;
  proofMs: number;
  /** Variants that were given up, with the reason. */
  excluded: readonly string[];
  tuned: readonly TunerReport[];
  tuningMs: number;
}

type OnProgress = (done: number, total: number) => void;

const defaultMaxSubmitMs = 250;
const roomParts = 16;

/** Opens a device and makes its executor. Throws `device/unavailable`. */
export async function createWgslExecutor(options: WgslOptions): Promise<WgslExecutor> {
  const opened = await openDevice(options.device, options);
  const runtime = new Runtime(opened.device, opened.traits, options.maxSubmitMs ?? defaultMaxSubmitMs);
  return new WgslExecutor(options, runtime, opened.owned);
}

/** Runs whole graphs by WGSL kernels on one WebGPU device. */
export class WgslExecutor implements Executor {
  readonly kind = 'webgpu';
  readonly lost: Promise<string>;
  private readonly runtime: Runtime;
  private readonly pipelines: PipelineCache;
  private readonly selection: KernelSelection;
  private readonly prover: KernelProver | null;
  private readonly tuner: Tuner | null;
  private readonly ownsDevice: boolean;

  constructor({ ops, proof, findings, tuning = 'never' }: WgslOptions, runtime: Runtime, ownsDevice: boolean) {
    const { device, traits } = runtime;
    this.runtime = runtime;
    this.ownsDevice = ownsDevice;
    this.pipelines = new PipelineCache(device);
    const found = new Findings(findings ?? null, deviceKey(device.adapterInfo));
    this.prover = proof ? new KernelProver(device, this.pipelines, proof, found) : null;
    const tunes = tuning === 'always' || (tuning === 'auto' && !traits.software);
    this.tuner = tunes ? new Tuner(device, this.pipelines, found) : null;
    this.selection = new KernelSelection(ops, traits, this.prover, this.tuner);
    this.lost = runtime.lost;
  }

  /** Kernels that were run against their references here, not remembered. */
  get triedKernels(): number {
    return [...(this.prover?.verdicts.values() ?? [])].filter(({ title }) => title !== null).length;
  }

  get findings(): DeviceFindings {
    return {
      proven: this.prover?.verdicts.size ?? 0,
      proofMs: this.prover?.elapsedMs ?? 0,
      excluded: this.selection.excluded,
      tuned: this.tuner?.reports ?? [],
      tuningMs: this.tuner?.elapsedMs ?? 0,
    };
  }

  /** What was compiled so far, how long it took, and any warnings. */
  get compileNotes(): readonly CompileNote[] {
    return this.pipelines.notes;
  }

  get memoryBytes(): number {
    return this.runtime.memory.bytes;
  }

  /** Of so much, what the device gives beside what is held, found out by asking for it; to a sixteenth. */
  async roomFor(sizeBytes: number): Promise<number> {
    const { memory } = this.runtime;
    let [given, refused] = [0, roomParts + 1];
    while (refused - given > 1) {
      const part = Math.floor((given + refused) / 2);
      if (await this.runtime.guard(memory.hasRoomFor((part * sizeBytes) / roomParts))) given = part;
      else refused = part;
    }
    return (given * sizeBytes) / roomParts;
  }

  allocateWeights(weights: readonly Value[]): void {
    this.runtime.requireAlive();
    this.runtime.weights.allocate(weights);
  }

  writeWeights(rows: WeightRows): void {
    this.runtime.requireAlive();
    this.runtime.weights.write(rows);
  }

  /** Ends all weights, so that another model's can take their place; programs that use them must be disposed of first. */
  releaseWeights(): void {
    this.runtime.weights.clear();
  }

  async finishWeights(): Promise<void> {
    this.runtime.weights.requireComplete();
    await this.settle();
  }

  allocateParameters(size: number): void {
    this.runtime.requireAlive();
    this.runtime.states.allocate(size);
  }

  allocateCaches(caches: readonly Value[]): void {
    this.runtime.requireAlive();
    this.runtime.caches.allocate(caches);
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

  async prepare(graph: Graph, capacity: Counts, onProgress?: OnProgress): Promise<Program> {
    await this.settle();
    const plan = this.plan(graph, capacity);
    const planned = await this.runtime.guard(this.kernelsFor(graph, capacity, onProgress));
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

  /** The graph's kernels, chosen, proven and compiled. */
  private async kernelsFor(graph: Graph, capacity: Counts, onProgress?: OnProgress): Promise<PlannedKernel[]> {
    const stop = this.pipelines.watch(onProgress);
    try {
      const traits = await this.selection.traitsFor(graph, capacity);
      const kernels = graph.nodes.flatMap((node) =>
        this.selection.kernelsOf(node, traits).map((kernel) => ({ kernel, phase: node.phase })),
      );
      const compiled = await this.pipelines.compile(kernels.map(({ kernel }) => kernel));
      return kernels.map((entry, index) => ({ ...entry, compiled: compiled[index]! }));
    } finally {
      stop();
    }
  }

  /** Waits for what was allocated; throws when there was no room. */
  private async settle(): Promise<void> {
    await this.runtime.guard(this.runtime.memory.settled());
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
