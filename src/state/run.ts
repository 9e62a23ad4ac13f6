import { createStore } from 'zustand/vanilla';
import type { DeviceWait } from '../../workers/api/deviceWait';
import type { ErrorReport } from '../../workers/api/errors';
import type { Progress, RunPhase, StepRecord, TrainerEvent } from '../../workers/api/events';
import type { Evaluation, RunResult, WatchedText } from '../../workers/api/results';
import { isLossSpike, recentCount } from './lossSpikes';

/** What a run says of itself when it starts. */
export type RunStart = Omit<Extract<TrainerEvent, { kind: 'run-started' }>, 'kind'>;

/** One step as the charts draw it; `smoothed` is the exponential mean of the loss up to this step. */
export interface TrainingPoint extends StepRecord {
  smoothed: number;
}

export interface EvaluationPoint {
  /** 0 for the base model. */
  step: number;
  evaluation: Evaluation;
  watched: WatchedText[];
  /** True where this evaluation was the best so far. */
  best: boolean;
}

/** An evaluation of plain text. */
export interface LossPoint {
  /** 0 for the base model. */
  step: number;
  loss: number;
  best: boolean;
}

/** What the charts mark at a step. */
export interface RunMark {
  step: number;
  kind: 'device-lost' | 'resumed' | 'went-back' | 'loss-spike';
}

/** The running exponential mean: `sum / weight` is free of the bias of the first steps. */
interface Smoother {
  sum: number;
  weight: number;
}

export type EvaluationProgress = Omit<Extract<TrainerEvent, { kind: 'evaluation-progress' }>, 'kind'>;

/** A projection of the worker's events on one run. Only `applyEvent` makes a new one. */
export interface RunState {
  start: RunStart | null;
  /** Null: no run in this tab yet. */
  phase: RunPhase | null;
  /** Bytes of the model's files while the weights load. */
  loading: { file: string; loadedBytes: number; totalBytes: number } | null;
  /** Kernels compiled, while the device gets ready. */
  compiling: { done: number; total: number } | null;
  /** Texts judged, or with `answers` answered freely, by the evaluation under way. */
  judging: EvaluationProgress | null;
  progress: Progress | null;
  /** At most `pointLimit`; beyond that every `stride`-th step. `latest` is always exact. */
  points: readonly TrainingPoint[];
  stride: number;
  latest: TrainingPoint | null;
  smoother: Smoother;
  /** Steps whose gradient was shortened, of `stepsSeen`. */
  clippedSteps: number;
  stepsSeen: number;
  base: EvaluationPoint | null;
  /** Evaluations of the model being tuned, in order. */
  evaluations: readonly EvaluationPoint[];
  /** Of plain text: the base model's loss on the validation texts, and the tuned one's in order. */
  baseLoss: LossPoint | null;
  losses: readonly LossPoint[];
  /** Of this run, or of an imported adapter's evaluation. */
  result: RunResult | null;
  /** While the run waits for its graphics device. */
  wait: DeviceWait | null;
  /** In the order in which they came. */
  marks: readonly RunMark[];
  /** Losses of the last steps, which a spike stands out of. */
  recentLosses: readonly number[];
  /** The step that the run goes on from whatever happens to the page; null where none is on this device. */
  saved: { step: number; savedAtMs: number } | null;
  /** Why the last checkpoint could not be written; null where it was. */
  unsaved: ErrorReport | null;
  error: ErrorReport | null;
  notices: readonly string[];
}

/** Most points kept for drawing. */
export const pointLimit = 4000;

const noticeLimit = 20;
const markLimit = 100;

export const emptyRun: RunState = {
  start: null,
  phase: null,
  loading: null,
  compiling: null,
  judging: null,
  progress: null,
  points: [],
  stride: 1,
  latest: null,
  smoother: { sum: 0, weight: 0 },
  clippedSteps: 0,
  stepsSeen: 0,
  base: null,
  evaluations: [],
  baseLoss: null,
  losses: [],
  result: null,
  wait: null,
  marks: [],
  recentLosses: [],
  saved: null,
  unsaved: null,
  error: null,
  notices: [],
};

/** The state after one event; pure, and the same object where the event says nothing about the run. */
export function applyEvent(state: RunState, event: TrainerEvent): RunState {
  switch (event.kind) {
    case 'dataset-progress':
    case 'dataset-download':
    case 'dataset-kept':
    case 'change-progress':
    case 'tokenise-progress':
    case 'device':
    case 'export-progress':
    case 'push-progress':
    case 'generated':
    case 'run-kept':
      return state;
    case 'model-progress': {
      const { file, loadedBytes, totalBytes } = event;
      return { ...state, loading: { file, loadedBytes, totalBytes } };
    }
    case 'download-progress': {
      // Only a run that waits for its weights has to do with it.
      if (state.phase !== 'loading-weights') return state;
      const { file, loadedBytes, totalBytes } = event.progress;
      return { ...state, loading: { file, loadedBytes, totalBytes } };
    }
    case 'compile-progress':
      return { ...state, compiling: { done: event.done, total: event.total } };
    case 'evaluation-progress': {
      const { kind, ...judging } = event;
      return { ...state, judging };
    }
    case 'run-started': {
      const { kind, ...start } = event;
      const starting = state.phase === 'loading-weights' || state.phase === 'compiling';
      return {
        ...emptyRun,
        start,
        phase: starting ? state.phase : 'loading-weights',
        saved: event.resumed,
        loading: starting ? state.loading : null,
        notices: starting ? state.notices : [],
        marks: start.resumed ? [{ step: start.resumed.step, kind: 'resumed' }] : [],
      };
    }
    case 'phase':
      return applyPhase(state, event.phase);
    case 'device-wait':
      return withMark({ ...state, wait: event.wait }, { step: event.wait.lostAtStep, kind: 'device-lost' });
    case 'resumed':
      return upTo(state, event.step);
    case 'went-back': {
      const start = state.start && { ...state.start, learningRates: event.learningRates };
      return withMark({ ...upTo(state, event.step), start }, { step: event.fromStep, kind: 'went-back' });
    }
    case 'steps':
      return applySteps(state, event.records, event.progress);
    case 'evaluation':
      return applyEvaluation(state, event);
    case 'text-evaluation':
      return applyLoss(state, event);
    case 'checkpoint': {
      const { step, savedAtMs } = event;
      return { ...state, saved: { step, savedAtMs }, unsaved: null };
    }
    case 'checkpoint-failed':
      return { ...state, unsaved: event.error };
    case 'run-finished':
      return { ...state, phase: 'finished', result: event.result, error: null };
    case 'run-failed':
      return { ...state, phase: 'failed', error: event.error };
    case 'notice':
      return { ...state, notices: [...state.notices, event.message].slice(-noticeLimit) };
    default:
      event satisfies never;
      return state;
  }
}

/** True while the worker is busy with a run, paused ones included. */
export function isRunning(state: RunState): boolean {
  return state.phase !== null && !isEnd(state.phase);
}

function isEnd(phase: RunPhase): boolean {
  return phase === 'finished' || phase === 'stopped' || phase === 'failed';
}

function applyPhase(state: RunState, phase: RunPhase): RunState {
  // An imported adapter's evaluation does not announce itself: whatever begins now, the earlier run is over.
  const isNewRun = !isEnd(phase) && !isRunning(state);
  if (isNewRun) return { ...emptyRun, phase };
  return { ...state, phase, compiling: null, judging: null, wait: phase === 'waiting-for-device' ? state.wait : null };
}

/** The same mark is made once, however often it is told. */
export function withMark(state: RunState, mark: RunMark): RunState {
  const isKnown = state.marks.some(({ step, kind }) => step === mark.step && kind === mark.kind);
  return isKnown ? state : { ...state, marks: [...state.marks, mark].slice(-markLimit) };
}

/** The run as it was after `step`; marks stay, since what they tell has happened. */
function upTo(state: RunState, step: number): RunState {
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

function applySteps(state: RunState, records: readonly StepRecord[], progress: Progress): RunState {
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

function applyEvaluation(state: RunState, event: Extract<TrainerEvent, { kind: 'evaluation' }>): RunState {
  const point: EvaluationPoint = { step: event.step, evaluation: event.evaluation, watched: event.watched, best: event.best };
  if (event.model === 'base') return { ...state, base: point };
  // An evaluation of the same step replaces the earlier one: the last interval may end where the run does.
  const others = state.evaluations.filter((earlier) => earlier.step !== event.step);
  return { ...state, evaluations: [...others, point].sort((first, second) => first.step - second.step) };
}

function applyLoss(state: RunState, { step, loss, best, model }: Extract<TrainerEvent, { kind: 'text-evaluation' }>): RunState {
  const point: LossPoint = { step, loss, best };
  if (model === 'base') return { ...state, baseLoss: point };
  const others = state.losses.filter((earlier) => earlier.step !== step);
  return { ...state, losses: [...others, point].sort((first, second) => first.step - second.step) };
}

export const runStore = createStore<RunState>(() => emptyRun);

/** Shows a result that came without a run, such as an imported adapter's evaluation. */
export function showResult(result: RunResult): void {
  runStore.setState((state) => (isRunning(state) ? state : { ...emptyRun, result }), true);
}

/** Brings back what was shown before something that failed. */
export function restoreRun(before: RunState): void {
  if (!isRunning(before)) runStore.setState(before, true);
}

/** Forgets the run shown; for a new one. Does nothing while one is under way. */
export function clearRun(): void {
  runStore.setState((state) => (isRunning(state) ? state : emptyRun), true);
}

const redrawIntervalMs = 100;

/**
 * Takes the worker's events in order and hands them on in few portions: steps and progress at most ten times a second and
 * with the screen's frames, everything else at once with what waits before it.
 */
export function createEventQueue(
  deliver: (events: readonly TrainerEvent[]) => void,
  schedule: (flush: () => void) => void = scheduleRedraw,
): (event: TrainerEvent) => void {
  let waiting: TrainerEvent[] = [];
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    if (waiting.length === 0) return;
    const portion = waiting;
    waiting = [];
    deliver(portion);
  };
  return (event) => {
    waiting.push(event);
    const canWait = event.kind === 'steps' || event.kind.endsWith('-progress');
    if (!canWait) flush();
    else if (!scheduled) {
      scheduled = true;
      schedule(flush);
    }
  };
}

function scheduleRedraw(flush: () => void): void {
  setTimeout(() => {
    // A hidden tab gets no frames, and what is not drawn costs nothing.
    if (typeof requestAnimationFrame === 'undefined' || document.hidden) flush();
    else requestAnimationFrame(flush);
  }, redrawIntervalMs);
}

/** The door for the worker's events: give this to `TrainerApi.connect`, or call it from the listener given there. */
export const receiveRunEvent = createEventQueue((events) => {
  runStore.setState((state) => events.reduce(applyEvent, state), true);
});
