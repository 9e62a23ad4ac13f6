import type { Progress } from '../../workers/api/events';
import type { StepRecord } from '../../workers/api/steps';
import { isLossSpike, recentCount } from '../../workers/api/lossSpikes';
import type { RunMark } from '../../workers/api/runs';
import { withMark, type RunState, type TrainingPoint } from './run';

/** Most points kept for drawing. */
export const pointLimit = 4000;

/** The run with these steps added to it. */
export function applySteps(state: RunState, records: readonly StepRecord[], progress: Progress): RunState {
  const keep = smoothingOf(state.start?.totalSteps ?? 0);
  const maxGradNorm = state.start?.settings.maxGradNorm ?? 0;
  let { smoother, clippedSteps } = state;
  const recentLosses = [...state.recentLosses];
  const spikes: RunMark[] = [];
  const fresh: TrainingPoint[] = [];
  for (const record of records) {
    if (Number.isFinite(record.loss)) {
      if (isLossSpike(record.loss, recentLosses)) spikes.push({ step: record.step, kind: 'loss-spike' });
      recentLosses.push(record.loss);
      if (recentLosses.length > recentCount) recentLosses.shift();
      smoother = { sum: smoother.sum * keep + record.loss * (1 - keep), weight: smoother.weight * keep + (1 - keep) };
    }
    if (maxGradNorm > 0 && record.gradNorm > maxGradNorm) clippedSteps += 1;
    fresh.push({ ...record, smoothed: smoother.weight === 0 ? record.loss : smoother.sum / smoother.weight });
  }
  let { stride } = state;
  let points = [...state.points, ...fresh.filter((point) => isKept(point, stride))];
  while (points.length > pointLimit) {
    stride *= 2;
    points = points.filter((point) => isKept(point, stride));
  }
  const latest = fresh.at(-1) ?? state.latest;
  const stepsSeen = state.stepsSeen + records.length;
  const next = { ...state, progress, points, stride, latest, smoother, clippedSteps, stepsSeen, recentLosses };
  return spikes.reduce(withMark, next);
}

/** Step 1 stays whatever the stride, so that the curve keeps its start. */
function isKept(point: TrainingPoint, stride: number): boolean {
  return (point.step - 1) % stride === 0;
}

/** Share of the old mean kept at each step: a window of about a 25th of the run, between 5 and 100 steps. */
function smoothingOf(totalSteps: number): number {
  return 1 - 1 / Math.min(100, Math.max(5, totalSteps / 25));
}

/** The run as it was after `step`; marks stay, since what they tell has happened. */
export function upTo(state: RunState, step: number): RunState {
  const points = state.points.filter((point) => point.step <= step);
  const latest = state.latest && state.latest.step <= step ? state.latest : (points.at(-1) ?? null);
  const weight = latest ? 1 - smoothingOf(state.start?.totalSteps ?? 0) ** latest.step : 0;
  const undone = state.points.filter((point) => point.step > step);
  const { maxGradNorm = 0 } = state.start?.settings ?? {};
  const clipped = undone.filter(({ gradNorm }) => maxGradNorm > 0 && gradNorm > maxGradNorm);
  return {
    ...state,
    points,
    latest,
    smoother: { sum: (latest?.smoothed ?? 0) * weight, weight },
    stepsSeen: Math.max(0, state.stepsSeen - undone.length * state.stride),
    clippedSteps: Math.max(0, state.clippedSteps - clipped.length * state.stride),
    recentLosses: points.slice(-recentCount).map(({ loss }) => loss),
    evaluations: state.evaluations.filter((point) => point.step <= step),
    losses: state.losses.filter((point) => point.step <= step),
    progress: state.progress && { ...state.progress, step, secondsLeft: null },
  };
}
