import { TuneletError } from '../api/errors';
import type { TrainerEvent } from '../api/events';
import type { TrainingSettings } from '../api/settings';
import type { Executor, Program } from '../engine/executor';
import type { Graph, Value } from '../engine/graph';
import { planMemory } from '../engine/memoryPlan';
import { elementCount, type Counts } from '../engine/shape';
import { ops } from '../ops/index';
import type { ClassifierGraphs } from '../training/graphs';
import type { Device } from './device';
import type { ChosenModel } from './modelRoom';

/** Programs of one run, and what they were made for. */
export interface RunEngine {
  executor: Executor;
  graphs: ClassifierGraphs;
  train: Program;
  evaluate: Program;
  evaluationCapacity: Counts;
}

/** WebAssembly's address space, less what the page and the runtime need. */
const wasmLimitBytes = 3.5 * 2 ** 30;
const anyArena = 2 ** 40;

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

  /** Weights, states and intermediate values of a run, in bytes. */
  memoryBytes(graphs: ClassifierGraphs, training: Counts, evaluation: Counts): number {
    const arenas = [planMemory(graphs.train, training, anyArena), planMemory(graphs.evaluate, evaluation, anyArena)];
    const arenaBytes = arenas.flatMap((plan) => plan.arenaBytes).reduce((sum, bytes) => sum + bytes, 0);
    return this.weightBytes(graphs.train) + 4 * 4 * graphs.layout.size + arenaBytes;
  }

  /** Loads what is not there yet, makes room for parameters and compiles. */
  async prepare(
    model: ChosenModel,
    settings: TrainingSettings,
    graphs: ClassifierGraphs,
    training: Counts,
    evaluation: Counts,
  ): Promise<RunEngine> {
    this.refuseWhatCannotFit(model, graphs, training, evaluation);
    const executor = await this.withWeights(model, settings, graphs);
    this.emit({ kind: 'phase', phase: 'compiling' });
    this.current = null;
    for (const program of this.programs.splice(0)) program.dispose();
    executor.allocateParameters(graphs.layout.size);
    const train = await executor.prepare(graphs.train, training);
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

  private weightBytes(graph: Graph): number {
    const none = { tokens: 0, sequences: 0 };
    return weightsOf(graph).reduce((sum, { role, shape }) => {
      const matrix = shape.length === 2 && role.kind === 'weight';
      // On the processor a matrix is float32, with a transposed copy for the backward pass, and the wasm backend packs each
      // of both once more for its multiplication. Tables are only looked up.
      const isTable = matrix && (role.tensor === 'wte.weight' || role.tensor === 'wpe.weight');
      const onProcessor = matrix && !isTable ? 16 : 4;
      const onGpu = matrix && role.storage === 'float16' ? 2 : 4;
      return sum + elementCount(shape, none) * (this.onProcessor ? onProcessor : onGpu);
    }, 0);
  }

  private refuseWhatCannotFit(model: ChosenModel, graphs: ClassifierGraphs, training: Counts, evaluation: Counts): void {
    if (!this.onProcessor) return;
    const bytes = this.memoryBytes(graphs, training, evaluation);
    if (bytes <= wasmLimitBytes) return;
    throw new TuneletError(
      'model/too-large',
      `${model.summary.name} with these settings needs ${(bytes / 1e9).toFixed(1)} GB on the processor; WebAssembly has room for ${(wasmLimitBytes / 1e9).toFixed(1)} GB.`,
      'Choose a smaller model, a smaller per_device_train_batch_size or max_length, or a browser with a GPU.',
      { bytes, limitBytes: wasmLimitBytes },
    );
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

function weightsOf(graph: Graph): Value[] {
  return [
    ...new Set(graph.nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'weight'))),
  ];
}
