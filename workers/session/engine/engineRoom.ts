import { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { Executor, Program } from '../../engine/executor';
import type { KernelTable, WgslExecutor } from '../../engine/wgsl/executor';
import { hasSimd } from '../../engine/wasm/features';
import { ops } from '../../ops/index';
import { Generator } from '../../evaluation/generation';
import { deviceFindings } from '../../storage/deviceFindings';
import { disprovedReport, graphicsAreBack, processor, type Device } from '../device';
import { BaseCopies } from './baseCopies';
import { modelProgress } from '../model/modelProgress';
import type { ChosenModel } from '../model/modelRoom';
import type { PlannedRun } from '../plan/runPlan';
import { weightKey, weightsOf } from '../plan/runMemory';
import type { GenerationPlan } from '../tasks/generationPlan';
import type { RunEngine, TaskGraphs } from '../tasks/runEngine';

/** What a run computes with. */
export interface EngineNeeds {
  model: ChosenModel;
  planned: PlannedRun;
}

/** Keeps one executor with one model's weights; another model or storage type takes its place, on the same device. */
export class EngineRoom {
  private readonly device: Device;
  private readonly baseUrl: string;
  private readonly emit: (event: TrainerEvent) => void;
  private readonly kernels: KernelTable;
  private resident: { executor: Executor; model: ChosenModel; weights: string; copies: BaseCopies } | null = null;
  /** Outlives the models on it: device, pipelines and what was found out about them. */
  private gpu: WgslExecutor | null = null;
  private programs: Program[] = [];
  private current: RunEngine | null = null;
  private hasCaches = false;

  /** `kernels`: what a graphics device runs. */
  constructor(device: Device, baseUrl: string, emit: (event: TrainerEvent) => void, kernels: KernelTable = ops) {
    this.kernels = kernels;
    this.device = device;
    this.baseUrl = baseUrl;
    this.emit = emit;
  }

  get onProcessor(): boolean {
    return this.device.report.executor === 'wasm';
  }

  /** Whether it computes on something that a browser can take away. */
  get canBeLost(): boolean {
    return !this.onProcessor;
  }

  /** Whether the browser gives the graphics device that was lost again. */
  async isDeviceBack(): Promise<boolean> {
    return graphicsAreBack(this.device);
  }

  /** Of so much memory, what the graphics device gives beside what is resident; null where nothing is, or the device is gone. */
  async roomFor(sizeBytes: number): Promise<number | null> {
    this.endPrograms();
    return this.gpu && this.resident ? this.gpu.roomFor(sizeBytes) : null;
  }

  /** Everything is computed on the processor from now on. */
  moveToProcessor(): void {
    this.dispose();
    Object.assign(this.device, processor(this.device.threads, 'The graphics device was lost, so the processor computes. Choose the device again to go back to it.')); // prettier-ignore
    this.emit({ kind: 'device', device: this.device.report });
  }

  /**
   * Loads what is not there yet, makes room for parameters and compiles. A device that does not compute the run's kernels
   * rightly is tried without float16, then left to TensorFlow.js.
   */
  async prepare(needs: EngineNeeds): Promise<RunEngine> {
    try {
      return await this.attempt(needs);
    } catch (thrown) {
      if (!(thrown instanceof TuneletError) || thrown.code !== 'device/disproved') throw thrown;
      return needs.planned.graphs.fp16 ? this.withoutHalves(needs, thrown) : this.withoutKernels(needs, thrown);
    }
  }

  private async withoutHalves(needs: EngineNeeds, { message }: TuneletError): Promise<RunEngine> {
    this.emit({ kind: 'notice', message: `${message} The run goes on in float32.` });
    return this.prepare({ ...needs, planned: { ...needs.planned, graphs: needs.planned.fullGraphs() } });
  }

  private async withoutKernels(needs: EngineNeeds, { message }: TuneletError): Promise<RunEngine> {
    this.dispose();
    this.device.disproof = message;
    this.device.report = disprovedReport(this.device.report, message);
    this.emit({ kind: 'device', device: this.device.report });
    this.emit({ kind: 'notice', message: `${message} TensorFlow.js computes the run instead.` });
    return this.attempt(needs);
  }

  private async attempt({ model, planned }: EngineNeeds): Promise<RunEngine> {
    const { graphs, trainingCapacity, evaluationCapacity } = planned;
    const { executor, copies } = await this.withWeights(model, graphs);
    this.emit({ kind: 'phase', phase: 'compiling' });
    this.endPrograms();
    executor.allocateParameters(graphs.layout.size);
    const onCompiled = (done: number, total: number): void => this.emit({ kind: 'compile-progress', done, total });
    const train = await executor.prepare(graphs.train, trainingCapacity, onCompiled);
    this.programs.push(train);
    const evaluate = await executor.prepare(graphs.evaluate, evaluationCapacity, onCompiled);
    this.programs.push(evaluate);
    const generator = graphs.generation ? await this.prepareGenerator(executor, graphs.generation, onCompiled) : null;
    this.current = { executor, graphs, train, evaluate, evaluationCapacity, copies: copies.tensors, generator };
    return this.current;
  }

  private async prepareGenerator(
    executor: Executor,
    { prefill, decode, caches, room, capacity }: GenerationPlan,
    onCompiled: (done: number, total: number) => void,
  ): Promise<Generator> {
    executor.allocateCaches(caches);
    this.hasCaches = true;
    const reading = await executor.prepare(prefill, capacity, onCompiled);
    this.programs.push(reading);
    const writing = await executor.prepare(decode, { tokens: room.texts, sequences: room.texts }, onCompiled);
    this.programs.push(writing);
    return new Generator({ prefill: reading, decode: writing, capacity, room });
  }

  /** Whether this engine is still the one that was prepared last. */
  holds(engine: RunEngine): boolean {
    return this.current === engine;
  }

  private async withWeights(model: ChosenModel, graphs: TaskGraphs): Promise<{ executor: Executor; copies: BaseCopies }> {
    const { resident } = this;
    const values = weightsOf(graphs);
    const copies = new BaseCopies(graphs.layout, model.base);
    const weights = [...values.map(weightKey).sort(), copies.key].join();
    if (resident && resident.model === model && resident.weights === weights) return resident;
    this.endResident();
    this.emit({ kind: 'phase', phase: 'loading-weights' });
    const executor = this.gpu ?? (await this.createExecutor());
    try {
      executor.allocateWeights(values);
      await model.files.streamTensors(
        model.base.wantedTensor,
        ({ name, ...rows }) => {
          copies.write({ tensor: name, ...rows });
          executor.writeWeights({ tensor: name, ...rows });
        },
        { onProgress: modelProgress(this.emit) },
      );
      await executor.finishWeights();
      copies.requireComplete();
    } catch (thrown) {
      this.endExecutor(executor);
      throw thrown;
    }
    this.resident = { executor, model, weights, copies };
    return this.resident;
  }

  /** Each executor's code is loaded when it is first needed. */
  private async createExecutor(): Promise<Executor> {
    if (this.onProcessor && hasSimd()) {
      const [{ createWasmExecutor }, { wasmOps }] = await Promise.all([
        import('../../engine/wasm/executor'),
        import('../../ops/wasm/index'),
      ]);
      return createWasmExecutor({ ops: wasmOps, threads: this.device.threads });
    }
    if (this.onProcessor) return this.createTfjsExecutor('wasm');
    return this.device.disproof === null ? this.createWgslExecutor() : this.createTfjsExecutor('webgpu');
  }

  private async createTfjsExecutor(backend: 'wasm' | 'webgpu'): Promise<Executor> {
    const { createTfjsExecutor } = await import('../../engine/tfjs/executor');
    const { threads } = this.device;
    const executor = await createTfjsExecutor({ ops, backend, wasmPath: new URL('tfjs-wasm/', this.baseUrl).href, threads });
    void executor.lost.then(() => this.forget(executor));
    return executor;
  }

  /**
   * One that this room knows nothing of, for a trial beside it. Null on devices left to TensorFlow.js, which has one state for all, and on
   * software adapters, which would compile longer than they try.
   */
  async createSpare(): Promise<Executor | null> {
    if (this.onProcessor) return hasSimd() ? this.createExecutor() : null;
    const { disproof, report } = this.device;
    return disproof === null && report.offers?.isSoftware !== true ? this.openGpu() : null;
  }

  private async createWgslExecutor(): Promise<Executor> {
    const gpu = await this.openGpu();
    this.gpu = gpu;
    void gpu.lost.then(() => this.forget(gpu));
    return gpu;
  }

  private async openGpu(): Promise<WgslExecutor> {
    const [{ createWgslExecutor }, { proofSource }] = await Promise.all([
      import('../../engine/wgsl/executor'),
      import('../../ops/proof'),
    ]);
    return createWgslExecutor({
      ops: this.kernels,
      proof: proofSource,
      findings: deviceFindings,
      tuning: this.device.tunes ? 'auto' : 'never',
    });
  }

  /** A lost device never comes back: the next run opens another. */
  private forget(executor: Executor): void {
    if (this.gpu !== executor && this.resident?.executor !== executor) return;
    // They went with the device.
    this.hasCaches = false;
    this.dispose();
  }

  /** The weights go; a graphics device stays. */
  private endResident(): void {
    this.endPrograms();
    const { resident } = this;
    this.resident = null;
    if (resident && resident.executor === this.gpu) this.gpu.releaseWeights();
    else resident?.executor.dispose();
  }

  private endPrograms(): void {
    this.current = null;
    for (const program of this.programs.splice(0)) program.dispose();
    if (this.hasCaches) this.resident?.executor.allocateCaches([]);
    this.hasCaches = false;
  }

  private endExecutor(executor: Executor): void {
    executor.dispose();
    if (this.gpu === executor) this.gpu = null;
  }

  dispose(): void {
    this.endResident();
    this.gpu?.dispose();
    this.gpu = null;
  }
}
