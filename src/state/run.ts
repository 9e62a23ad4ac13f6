import type { DeviceWait } from '../../workers/api/deviceWait';
import type { ErrorReport } from '../../workers/api/errors';
import type { Progress, RunPhase, TrainerEvent } from '../../workers/api/events';
import type { StepRecord } from '../../workers/api/steps';
import type { Evaluation, RunResult, WatchedText } from '../../workers/api/results';
import { mostMarks, type RunCourse, type RunMark } from '../../workers/api/runs';

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
  /** How the run went that was opened from the kept ones; null for a run of this visit. */
  opened: RunCourse | null;
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
  opened: null,
  wait: null,
  marks: [],
  recentLosses: [],
  saved: null,
  unsaved: null,
  error: null,
  notices: [],
};

/** True while the worker is busy with a run, paused ones included. */
export function isRunning(state: RunState): boolean {
  return state.phase !== null && !isEnd(state.phase);
}

/** The phases in which a run is over. */
export function isEnd(phase: RunPhase): boolean {
  return phase === 'finished' || phase === 'stopped' || phase === 'failed';
}

/** The same mark is made once, however often it is told. */
export function withMark(state: RunState, mark: RunMark): RunState {
  const isKnown = state.marks.some(({ step, kind }) => step === mark.step && kind === mark.kind);
  return isKnown ? state : { ...state, marks: [...state.marks, mark].slice(-mostMarks) };
}
