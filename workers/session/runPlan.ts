import type { RunPlan } from '../api/trainerApi';
import type { TrainingSettings } from '../api/settings';
import type { Counts } from '../engine/shape';
import { scalingOf } from '../lora/config';
import { matchesTarget } from '../lora/targets';
import type { ClassifierPlan } from '../models/architecture';
import { tokenCount, trainingCapacity, type EncodedExamples } from '../training/examples';
import { buildClassifierGraphs, type ClassifierGraphs } from '../training/graphs';
import { planSteps, type StepPlan } from '../training/schedule';
import type { EncodedDataset } from './encodedDataset';
import type { EngineRoom } from './engineRoom';
import type { ChosenModel } from './modelRoom';

/** Everything about a run that is known before its first step. */
export interface PlannedRun {
  graphs: ClassifierGraphs;
  steps: StepPlan;
  train: EncodedExamples;
  trainingCapacity: Counts;
  evaluationCapacity: Counts;
  memoryBytes: number;
}

/** Evaluation batches hold at least this much, however small the training batch. */
const evaluationSequences = 64;
const evaluationTokens = 2048;

export function classifierPlan(settings: TrainingSettings, labelCount: number): ClassifierPlan {
  return {
    lora: {
      r: settings.r,
      scaling: scalingOf(settings),
      dropout: settings.loraDropout,
      adapts: (module) => matchesTarget(module, settings.targetModules),
    },
    labelCount,
    storage: settings.weightStorage,
  };
}

export function planTraining(
  model: ChosenModel,
  encoded: EncodedDataset,
  settings: TrainingSettings,
  labelCount: number,
  engine: EngineRoom,
): PlannedRun {
  const graphs = buildClassifierGraphs(model.base, classifierPlan(settings, labelCount));
  const train = encoded.split('train', settings.maxLength);
  const steps = planSteps(settings, train.ids.length);
  const epochs = Math.ceil(steps.totalSteps / steps.stepsPerEpoch);
  const capacity = trainingCapacity(train, settings.perDeviceTrainBatchSize, settings.seed, epochs);
  const evaluation = evaluationCapacityFor(capacity, settings.maxLength);
  return {
    graphs,
    steps,
    train,
    trainingCapacity: capacity,
    evaluationCapacity: evaluation,
    memoryBytes: engine.memoryBytes(graphs, capacity, evaluation),
  };
}

/** Room for one text of the greatest length, and for some of the usual ones at once. */
export function evaluationCapacityFor(training: Counts, maxLength: number): Counts {
  return {
    tokens: Math.max(training.tokens, maxLength, evaluationTokens),
    sequences: Math.max(training.sequences, evaluationSequences),
  };
}

/** The plan as the page shows it. */
export function reportPlan(planned: PlannedRun, encoded: EncodedDataset, settings: TrainingSettings): RunPlan {
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
    memoryBytes: planned.memoryBytes,
  };
}
