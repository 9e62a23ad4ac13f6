import type { TrainingSettings } from '../api/settings';
import type { MemoryProblem, RunPlan } from '../api/trainerApi';
import type { Counts } from '../engine/shape';
import { scalingOf } from '../lora/config';
import { moduleMatcher, requireModules, targetsOf } from '../lora/targets';
import type { ClassifierPlan } from '../models/architecture';
import { tokenCount, type EncodedExamples } from '../training/examples';
import { buildClassifierGraphs, type ClassifierGraphs } from '../training/graphs';
import { planSteps, type StepPlan } from '../training/schedule';
import type { EncodedDataset } from './encodedDataset';
import type { Device } from './device';
import { limitsOf, memoryProblem } from './memoryProblem';
import type { ChosenModel } from './modelRoom';
import { evaluationCapacityFor, runNeeds, type RunNeeds } from './runMemory';

/** Everything about a run that is known before its first step. */
export interface PlannedRun {
  graphs: ClassifierGraphs;
  /** The same graphs in float32. */
  fullGraphs(): ClassifierGraphs;
  steps: StepPlan;
  train: EncodedExamples;
  trainingCapacity: Counts;
  evaluationCapacity: Counts;
  needs: RunNeeds;
  /** Why activations are not held as fp16 asks, or null. */
  precisionNotice: string | null;
}

export function classifierPlan(settings: TrainingSettings, labelCount: number): ClassifierPlan {
  return {
    lora: {
      r: settings.r,
      scaling: scalingOf(settings),
      dropout: settings.loraDropout,
      adapts: moduleMatcher(targetsOf(settings.targetModules)),
    },
    labelCount,
    storage: settings.weightStorage,
  };
}

const noHalves = 'fp16 is for WebGPU. This run is on the processor and computes in float32.';

/** What planning a run starts from. */
export interface PlanInputs {
  model: ChosenModel;
  encoded: EncodedDataset;
  labelCount: number;
}

/** Plans runs on one device; the last graphs are kept, since most changes of settings leave them as they are. */
export class RunPlanner {
  private readonly device: Device;
  private readonly shelf = new GraphShelf();

  constructor(device: Device) {
    this.device = device;
  }

  /** Throws 'settings/invalid' where target_modules match nothing. */
  plan({ model, encoded, labelCount }: PlanInputs, settings: TrainingSettings): PlannedRun {
    // The processor's executors compute in float32; rounding would only cost them.
    const fp16 = settings.fp16 && this.device.report.executor === 'webgpu' && this.device.disproof === null;
    requireModules(targetsOf(settings.targetModules), model.base.modules, model.summary.name);
    const graphs = this.shelf.graphs(model, { ...settings, fp16 }, labelCount);
    const train = encoded.split('train', settings.maxLength);
    const steps = planSteps(settings, train.ids.length);
    const trainingCapacity = encoded.trainingCapacity(settings, Math.ceil(steps.totalSteps / steps.stepsPerEpoch));
    const evaluationCapacity = evaluationCapacityFor(graphs, trainingCapacity, settings.maxLength);
    const needs = runNeeds(graphs, trainingCapacity, evaluationCapacity, this.device);
    const precisionNotice = settings.fp16 && !graphs.fp16 ? (this.device.disproof ?? noHalves) : null;
    const fullGraphs = (): ClassifierGraphs => this.shelf.graphs(model, { ...settings, fp16: false }, labelCount);
    return { graphs, fullGraphs, steps, train, trainingCapacity, evaluationCapacity, needs, precisionNotice };
  }

  /** Why the run does not fit the device or the user's limit, and what would; null where it fits. */
  problem(
    inputs: PlanInputs,
    settings: TrainingSettings,
    { needs }: PlannedRun,
    limitBytes: number | null,
  ): MemoryProblem | null {
    const needsOf = (changed: TrainingSettings): RunNeeds => this.plan(inputs, changed).needs;
    return memoryProblem(needs, settings, limitsOf(this.device, limitBytes), needsOf);
  }
}

const mostKeptGraphs = 4;

class GraphShelf {
  private model: ChosenModel | null = null;
  private readonly kept = new Map<string, ClassifierGraphs>();

  graphs(model: ChosenModel, settings: TrainingSettings, labelCount: number): ClassifierGraphs {
    if (this.model !== model) this.kept.clear();
    this.model = model;
    const { r, loraAlpha, loraDropout, targetModules, useRslora, weightStorage, gradientCheckpointing, fp16 } = settings;
    const key = JSON.stringify([
      labelCount, r, loraAlpha, loraDropout, targetModules, useRslora, weightStorage, gradientCheckpointing, fp16,
    ]); // prettier-ignore
    const graphs =
      this.kept.get(key) ??
      buildClassifierGraphs(model.base, classifierPlan(settings, labelCount), { gradientCheckpointing, fp16 });
    this.kept.delete(key);
    this.kept.set(key, graphs);
    for (const oldest of this.kept.keys()) if (this.kept.size > mostKeptGraphs) this.kept.delete(oldest);
    return graphs;
  }
}

/** The plan as the page shows it. */
export function reportPlan(
  planned: PlannedRun,
  encoded: EncodedDataset,
  settings: TrainingSettings,
  problem: MemoryProblem | null,
): RunPlan {
  const { graphs, steps, train } = planned;
  return {
    tokens: encoded.statistics(settings.maxLength),
    trainRows: train.ids.length,
    tokensPerEpoch: tokenCount(
      train,
      train.ids.map((_, index) => index),
    ),
    stepsPerEpoch: steps.stepsPerEpoch,
    totalSteps: steps.totalSteps,
    evaluations: steps.evaluationSteps.length + 1,
    trainableParameters: graphs.layout.count,
    adapterBytes: graphs.layout.count * 4,
    precision: graphs.fp16 ? 'float16' : 'float32',
    precisionNotice: planned.precisionNotice,
    memory: planned.needs.memory,
    memoryProblem: problem,
  };
}
