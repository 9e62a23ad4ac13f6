import { TuneletError } from '../../api/errors';
import { layerChoiceOf, targetsOf } from '../../api/modules';
import { savedModulesProblem } from '../../api/savedModules';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import type { MemoryProblem } from '../../api/memory';
import type { RunPlan } from '../../api/trainerApi';
import type { Counts } from '../../engine/shape';
import { matchedModules, requireModules } from '../../lora/targets';
import type { BatchSource } from '../../training/examples';
import { planSteps, type StepPlan } from '../../training/schedule';
import type { Device } from '../device';
import { limitsOf, memoryProblem, wantsCheckpointing } from './memoryProblem';
import type { ChosenModel } from '../model/modelRoom';
import { runNeeds, type RunNeeds } from './runMemory';
import type { RunTask } from '../tasks/runTask';
import type { TaskGraphs } from '../tasks/runEngine';

/** Everything about a run that is known before its first step. */
export interface PlannedRun {
  /** What the run does, where it was asked for something else or left open. */
  settings: SettledSettings;
  graphs: TaskGraphs;
  /** The same graphs in float32. */
  fullGraphs(): TaskGraphs;
  steps: StepPlan;
  examples: BatchSource;
  trainingCapacity: Counts;
  evaluationCapacity: Counts;
  needs: RunNeeds;
  /** What it would need without gradient checkpointing, where that is on by itself. */
  insteadOfBytes: number | null;
  /** Why activations are not held as fp16 asks, or null. */
  precisionNotice: string | null;
}

const noHalves = 'fp16 is for WebGPU. This run is on the processor and computes in float32.';

/** What planning a run starts from. */
export interface PlanInputs {
  model: ChosenModel;
  task: RunTask;
}

/** Plans runs on one device; the last graphs are kept, since most changes of settings leave them as they are. */
export class RunPlanner {
  private readonly device: Device;
  private readonly shelf = new GraphShelf();

  constructor(device: Device) {
    this.device = device;
  }

  /** Throws 'settings/invalid' where target_modules match nothing, or modules_to_save cannot be honoured. */
  plan(inputs: PlanInputs, settings: TrainingSettings, limitBytes: number | null): PlannedRun {
    const planned = (gradientCheckpointing: boolean): PlannedRun =>
      this.planSettled(inputs, { ...settings, gradientCheckpointing });
    if (settings.gradientCheckpointing !== 'auto') return planned(settings.gradientCheckpointing);
    const plain = planned(false);
    const limits = limitsOf(this.device, limitBytes);
    if (!wantsCheckpointing(plain.needs, () => planned(true).needs, limits)) return plain;
    return { ...planned(true), insteadOfBytes: plain.needs.memory.totalBytes };
  }

  private planSettled({ model, task }: PlanInputs, settings: SettledSettings): PlannedRun {
    const fp16 = computesInHalves(settings, this.device);
    const blocks = layerChoiceOf(settings.layersToTransform);
    requireModules(targetsOf(settings.targetModules), model.base.modules, model.summary.name, blocks);
    requireSavable(settings, model);
    const examples = task.examples(settings);
    const steps = planSteps(settings, examples.count);
    const epochs = Math.max(1, Math.ceil(steps.totalSteps / steps.stepsPerEpoch));
    const trainingCapacity = task.trainingCapacity(settings, epochs);
    const graphsIn = (half: boolean): TaskGraphs =>
      this.shelf.graphs({ model, task }, { ...settings, fp16: half }, trainingCapacity);
    const graphs = graphsIn(fp16);
    const evaluationCapacity = task.evaluationCapacity(graphs, trainingCapacity, settings);
    const needs = runNeeds(graphs, trainingCapacity, evaluationCapacity, this.device);
    const precisionNotice = settings.fp16 && !graphs.fp16 ? (this.device.disproof ?? noHalves) : null;
    const fullGraphs = (): TaskGraphs => graphsIn(false);
    const done = { ...settings, fp16: graphs.fp16 };
    const capacities = { trainingCapacity, evaluationCapacity };
    return { settings: done, graphs, fullGraphs, steps, examples, ...capacities, needs, insteadOfBytes: null, precisionNotice };
  }

  /** Why the run does not fit the device or the user's limit, and what would; null where it fits. */
  problem(
    inputs: PlanInputs,
    settings: TrainingSettings,
    { needs }: PlannedRun,
    limitBytes: number | null,
  ): MemoryProblem | null {
    const needsOf = (changed: TrainingSettings): RunNeeds => this.plan(inputs, changed, limitBytes).needs;
    return memoryProblem(needs, settings, limitsOf(this.device, limitBytes), needsOf);
  }
}

/** The processor's executors compute in float32; rounding would only cost them. */
export function computesInHalves({ fp16 }: Pick<TrainingSettings, 'fp16'>, { report, disproof }: Device): boolean {
  return fp16 && report.executor === 'webgpu' && disproof === null;
}

function requireSavable(settings: TrainingSettings, { base, summary }: ChosenModel): void {
  const { targetModules, layersToTransform, modulesToSave } = settings;
  const adapted = matchedModules(targetsOf(targetModules), base.modules, layerChoiceOf(layersToTransform));
  const problem = savedModulesProblem(modulesToSave, adapted, { ...base, name: summary.name });
  if (problem) throw new TuneletError('settings/invalid', `${problem.fault}.`, problem.remedy, { setting: 'modules_to_save' });
}

const mostKeptGraphs = 4;

class GraphShelf {
  private model: ChosenModel | null = null;
  private readonly kept = new Map<string, TaskGraphs>();

  graphs({ model, task }: PlanInputs, settings: SettledSettings, training: Counts): TaskGraphs {
    if (this.model !== model) this.kept.clear();
    this.model = model;
    const {
      r,
      loraAlpha,
      loraDropout,
      targetModules,
      layersToTransform,
      modulesToSave,
      useRslora,
      useDora,
      weightStorage,
      gradientCheckpointing,
      fp16,
    } = settings;
    const key = JSON.stringify([
      task.graphKey(settings, training), r, loraAlpha, loraDropout, targetModules, layersToTransform, modulesToSave, useRslora, useDora, weightStorage,
      gradientCheckpointing, fp16,
    ]); // prettier-ignore
    const graphs = this.kept.get(key) ?? task.graphs(settings, training);
    this.kept.delete(key);
    this.kept.set(key, graphs);
    for (const oldest of this.kept.keys()) if (this.kept.size > mostKeptGraphs) this.kept.delete(oldest);
    return graphs;
  }
}

/** The plan as the page shows it. */
export function reportPlan(
  planned: PlannedRun,
  task: RunTask,
  settings: TrainingSettings,
  problem: MemoryProblem | null,
): RunPlan {
  const { graphs, steps, examples } = planned;
  const all = Array.from({ length: examples.count }, (_, index) => index);
  return {
    task: task.name,
    tokens: task.statistics(settings),
    trainRows: examples.count,
    tokensPerEpoch: examples.tokens(all),
    targetsPerEpoch: task.name === 'head' ? examples.count : examples.lossShare(all),
    stepsPerEpoch: steps.stepsPerEpoch,
    totalSteps: steps.totalSteps,
    evaluations: steps.evaluationSteps.length + 1,
    trainableParameters: graphs.layout.count,
    adapterBytes: graphs.layout.count * 4,
    precision: graphs.fp16 ? 'float16' : 'float32',
    precisionNotice: planned.precisionNotice,
    memory: planned.needs.memory,
    gradientCheckpointing: { isOn: planned.settings.gradientCheckpointing, insteadOfBytes: planned.insteadOfBytes },
    memoryProblem: problem,
  };
}
