import type { TrainerEvent } from '../api/events';
import type { TrainingSettings } from '../api/settings';
import type { Executor, Program } from '../engine/executor';
import type { Counts } from '../engine/shape';
import { hasSimd } from '../engine/wasm/features';
import { ops } from '../ops/index';
import type { ClassifierGraphs } from '../training/graphs';
import type { Device } from './device';
import type { ChosenModel } from './modelRoom';
import { weightsOf } from './runMemory';

/** Programs of one run, and what they were made for. */
export interface RunEngine {
  executor: Executor;
  graphs: ClassifierGraphs;
  train: Program;
  evaluate: Program;
  evaluationCapacity: Counts;
}

/** Keeps one executor with one model's weights; another model or storage type takes its place. */
export class EngineRoom {
  private readonly device: Device;
  private readonly baseUrl: string;
  private readonly emit: (event: TrainerEvent) => void;
  private resident: { executor: Executor; model: ChosenModel; storage: string } | null = null;
  private programs: Program[] = [];
  private current: RunEngine | null = null;

  constructor(device: Device, baseUrl: string, emit: (event: TrainerEvent) => void) {
    this.device = device;
    this.baseUrl = baseUrl;
    this.emit = emit;
  }

  get onProcessor(): boolean {
    return this.device.report.executor === 'wasm';
  }

  /** Loads what is not there yet, makes room for parameters and compiles. */
  async prepare(
    model: ChosenModel,
    settings: TrainingSettings,
    graphs: ClassifierGraphs,
    training: Counts,
    evaluation: Counts,
  ): Promise<RunEngine> {
    const executor = await this.withWeights(model, settings, graphs);
    this.emit({ kind: 'phase', phase: 'compiling' });
    this.current = null;
    for (const program of this.programs.splice(0)) program.dispose();
    executor.allocateParameters(graphs.layout.size);
    const onCompiled = (done: number, total: number): void => this.emit({ kind: 'compile-progress', done, total });
    const train = await executor.prepare(graphs.train, training, onCompiled);
    this.programs.push(train);
    const evaluate = await executor.prepare(graphs.evaluate, evaluation);
    this.programs.push(evaluate);
    this.current = { executor, graphs, train, evaluate, evaluationCapacity: evaluation };
    return this.current;
  }

  /** Whether this engine is still the one that was prepared last. */
  holds(engine: RunEngine): boolean {
    return this.current === engine;
  }

  private async withWeights(model: ChosenModel, settings: TrainingSettings, graphs: ClassifierGraphs): Promise<Executor> {
    const { resident } = this;
    if (resident && resident.model === model && resident.storage === settings.weightStorage) return resident.executor;
    this.dispose();
    this.emit({ kind: 'phase', phase: 'loading-weights' });
    const executor = await this.createExecutor();
    try {
      executor.allocateWeights(weightsOf(graphs.train));
      await model.files.streamTensors(
        model.base.wantedTensor,
        ({ name, ...rows }) => executor.writeWeights({ tensor: name, ...rows }),
        {
          onProgress: (loadedBytes, totalBytes) =>
            this.emit({ kind: 'model-progress', file: 'model.safetensors', loadedBytes, totalBytes }),
        },
      );
      await executor.finishWeights();
    } catch (thrown) {
      executor.dispose();
      throw thrown;
    }
    this.resident = { executor, model, storage: settings.weightStorage };
    void executor.lost.then(() => this.forget(executor));
    return executor;
  }

  /** Each executor's code is loaded when it is first needed. */
  private async createExecutor(): Promise<Executor> {
    if (this.onProcessor && hasSimd()) {
      const [{ createWasmExecutor }, { wasmOps }] = await Promise.all([
        import('../engine/wasm/executor'),
        import('../ops/wasm/index'),
      ]);
      return createWasmExecutor({ ops: wasmOps, threads: this.device.threads });
    }
    if (this.onProcessor) {
      const { createTfjsExecutor } = await import('../engine/tfjs/executor');
      return createTfjsExecutor({
        ops,
        backend: 'wasm',
        wasmPath: new URL('tfjs-wasm/', this.baseUrl).href,
        threads: this.device.threads,
      });
    }
    const { createWgslExecutor } = await import('../engine/wgsl/executor');
    return createWgslExecutor({ ops });
  }

  /** A lost device never comes back: the next run opens another. */
  private forget(executor: Executor): void {
    if (this.resident?.executor === executor) this.dispose();
  }

  dispose(): void {
    for (const program of this.programs.splice(0)) program.dispose();
    this.resident?.executor.dispose();
    this.resident = null;
    this.current = null;
  }
}
