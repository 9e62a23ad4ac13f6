import type { StepRecord } from '../../api/steps';
import type { CurvePoint, KeptRun, RunCourse, RunCurves } from '../../api/runs';
import { curveFields, stepFields, type RunDetails } from '../../runs/details';
import { stepsPerEpochOf, warmupCount } from '../../training/schedule';
import { scheduleOf } from '../plan/rateSchedule';

/** How a kept run went. */
export function courseOf(run: KeptRun, details: RunDetails): RunCourse {
  const { settings, totalSteps } = run;
  const warmupSteps = warmupCount(settings.warmupSteps, totalSteps);
  const { base, tuned } = curvesOf(run, details);
  return {
    run,
    base,
    tuned,
    totalSteps,
    stepsPerEpoch: stepsPerEpochOf(settings, details.trainExamples),
    steps: stepsOf(details),
    learningRates: scheduleOf(settings, { totalSteps, warmupSteps }, details.rateHalvedAfter),
    tokensPerSecond: details.tokensPerSecond,
  };
}

/** What was measured on the validation texts on the way; `totalSteps` are those that were taken. */
export function curvesOf(run: KeptRun, { curve }: RunDetails): RunCurves {
  const tuned: CurvePoint[] = [];
  let base: CurvePoint | null = null;
  for (let at = 0; at < curve.length; at += curveFields) {
    const [step = 0, isTuned, loss = NaN, accuracy = NaN, macroF1 = NaN] = curve.subarray(at, at + curveFields);
    if (!isStep(step)) continue;
    const isText = Number.isNaN(accuracy);
    const point = { step, loss, accuracy: isText ? null : accuracy, macroF1: isText ? null : macroF1 };
    if (isTuned === 1) tuned.push(point);
    else base = point;
  }
  return { totalSteps: run.steps, base, tuned: tuned.sort((first, second) => first.step - second.step) };
}

/** An imported run may say anything. */
function isStep(step: number): boolean {
  return Number.isSafeInteger(step) && step >= 0;
}

function stepsOf({ steps }: RunDetails): StepRecord[] {
  return Array.from({ length: steps.length / stepFields }, (_, at) => {
    const [step = 0, loss = NaN, learningRate = NaN, gradNorm = NaN] = steps.subarray(at * stepFields, (at + 1) * stepFields);
    return { step, loss, learningRate, gradNorm };
  }).filter(({ step }) => isStep(step));
}
