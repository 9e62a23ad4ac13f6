import type { SchedulerType, TrainingSettings } from '../api/settings';

/** Steps, warm-up and evaluations of a run; transformers.Trainer's rules (SEMANTICS: total steps, warm-up ratio). */
export interface StepPlan {
  stepsPerEpoch: number;
  totalSteps: number;
  warmupSteps: number;
  /** Steps after which the model is evaluated; the last is always among them. */
  evaluationSteps: number[];
  /** Steps between two checkpoints; 0: none for their count. */
  saveSteps: number;
}

export function planSteps(settings: TrainingSettings, trainRows: number): StepPlan {
  const stepsPerEpoch = stepsPerEpochOf(settings, trainRows);
  const totalSteps = settings.maxSteps >= 0 ? settings.maxSteps : Math.max(1, Math.ceil(settings.numTrainEpochs * stepsPerEpoch));
  return {
    stepsPerEpoch,
    totalSteps,
    warmupSteps: warmupCount(settings.warmupSteps, totalSteps),
    evaluationSteps: evaluationSteps(settings.evalSteps, totalSteps),
    saveSteps: stepInterval(settings.saveSteps, totalSteps),
  };
}

export function stepsPerEpochOf(
  settings: Pick<TrainingSettings, 'perDeviceTrainBatchSize' | 'gradientAccumulationSteps'>,
  trainRows: number,
): number {
  const batches = Math.ceil(trainRows / settings.perDeviceTrainBatchSize);
  return Math.max(1, Math.ceil(batches / settings.gradientAccumulationSteps));
}

export function warmupCount(warmupSteps: number, totalSteps: number): number {
  return stepInterval(warmupSteps, totalSteps);
}

/** Below 1 a share of all steps, rounded up; else a count. */
function stepInterval(steps: number, totalSteps: number): number {
  return steps < 1 ? Math.ceil(totalSteps * steps) : Math.trunc(steps);
}

function evaluationSteps(evalSteps: number, totalSteps: number): number[] {
  const every = stepInterval(evalSteps, totalSteps);
  const steps: number[] = [];
  if (every > 0) for (let step = every; step < totalSteps; step += every) steps.push(step);
  return [...steps, totalSteps];
}

/** What the rates of the steps after `halvedAfter` are multiplied by; `step` from 1. */
export function rateFactor(step: number, halvedAfter: number | null): number {
  return halvedAfter !== null && step > halvedAfter ? 0.5 : 1;
}

/** Rate used by optimizer step `step`, counted from 0; transformers' get_scheduler. With warm-up the first step runs at rate 0. */
export function learningRateAt(step: number, type: SchedulerType, peak: number, warmupSteps: number, totalSteps: number): number {
  if (type !== 'constant' && step < warmupSteps) return (peak * step) / Math.max(1, warmupSteps);
  const left = Math.max(1, totalSteps - warmupSteps);
  switch (type) {
    case 'constant':
    case 'constant_with_warmup':
      return peak;
    case 'linear':
      return peak * Math.max(0, (totalSteps - step) / left);
    case 'cosine':
      return peak * Math.max(0, 0.5 * (1 + Math.cos((Math.PI * (step - warmupSteps)) / left)));
    default:
      return type satisfies never;
  }
}
