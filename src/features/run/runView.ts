import type { RunSeries, ScorePoint } from '../../charts/series';
import type { RunPhase } from '../../../workers/api/events';
import type { WatchedText } from '../../../workers/api/results';
import { formatCount, formatDuration } from '../../ui/format';
import type { RunMark } from '../../../workers/api/runs';
import type { EvaluationPoint, EvaluationProgress, LossPoint, RunState } from '../../state/run';

/** What the charts need of a run, or null before the run has said how long it is. */
export function seriesOf(
  run: Pick<
    RunState,
    | 'start'
    | 'points'
    | 'latest'
    | 'base'
    | 'evaluations'
    | 'baseLoss'
    | 'losses'
    | 'clippedSteps'
    | 'stepsSeen'
    | 'progress'
    | 'marks'
  >,
): RunSeries | null {
  const { start } = run;
  if (start === null) return null;
  const best = bestOf(run.evaluations);
  const bestLoss = run.losses.findLast((point) => point.best);
  return {
    totalSteps: Math.max(1, start.totalSteps),
    stepsPerEpoch: start.stepsPerEpoch,
    validationCount: start.validationCount,
    points: run.points,
    latest: run.latest,
    base: run.base ? scoreOf(run.base, false) : run.baseLoss && lossOf(run.baseLoss, false),
    evaluations: [
      ...run.evaluations.map((point) => scoreOf(point, point === best)),
      ...run.losses.map((point) => lossOf(point, point === bestLoss)),
    ],
    learningRates: start.learningRates,
    peakLearningRate: start.settings.learningRate,
    maxGradNorm: start.settings.maxGradNorm,
    clippedSteps: run.clippedSteps,
    stepsSeen: run.stepsSeen,
    lossScale: run.progress?.lossScale ?? null,
    marks: run.marks.map(({ step, kind }) => ({ step, kind, label: `${markWords[kind]}, step ${formatCount(step)}` })),
  };
}

const markWords: Record<RunMark['kind'], string> = {
  'device-lost': 'device lost',
  resumed: 'resumed',
  'went-back': 'went back',
  'loss-spike': 'loss jumped',
};

function scoreOf({ step, evaluation }: EvaluationPoint, best: boolean): ScorePoint {
  return { step, loss: evaluation.loss, accuracy: evaluation.accuracy, macroF1: evaluation.macro.f1, best };
}

/** Of plain text, which has no scores to draw. */
function lossOf({ step, loss }: LossPoint, best: boolean): ScorePoint {
  return { step, loss, accuracy: Number.NaN, macroF1: Number.NaN, best };
}

/** The evaluation whose weights are kept: the last that was the best so far. */
export function bestOf(evaluations: readonly EvaluationPoint[]): EvaluationPoint | null {
  return evaluations.findLast((point) => point.best) ?? null;
}

export interface TextTrack {
  latest: WatchedText;
  role: 'base' | 'tuned';
  verdicts: { step: number; role: 'base' | 'tuned'; right: boolean }[];
}

/** The watched texts with how they fared at every evaluation, the base model first. */
export function textTracks(run: Pick<RunState, 'base' | 'evaluations'>): TextTrack[] {
  const all = [
    ...(run.base ? [{ point: run.base, role: 'base' as const }] : []),
    ...run.evaluations.map((point) => ({ point, role: 'tuned' as const })),
  ];
  const last = all.at(-1);
  if (!last) return [];
  return last.point.watched.map((latest, index) => ({
    latest,
    role: last.role,
    verdicts: all.flatMap(({ point, role }) => {
      const text = point.watched[index];
      return text ? [{ step: point.step, role, right: text.predicted === text.label }] : [];
    }),
  }));
}

/** A phase in words. */
export const phaseWords: Record<RunPhase, string> = {
  'loading-weights': 'Loading the weights',
  compiling: 'Getting the device ready',
  'evaluating-base': 'Evaluating the base model',
  training: 'Training',
  evaluating: 'Evaluating',
  paused: 'Paused',
  'waiting-for-device': 'Waiting for the graphics device',
  'final-evaluation': 'Evaluating the best step',
  stopped: 'Stopped before the first step',
  finished: 'Finished',
  failed: 'The run has stopped',
};

/** Share of the steps done, 0 to 1; a run stopped early ends where it stopped. */
export function shareDone(run: Pick<RunState, 'progress' | 'start' | 'phase' | 'result'>): number {
  if (run.phase === 'finished' && !run.result?.stopped) return 1;
  const total = run.start?.totalSteps ?? run.progress?.totalSteps ?? 0;
  return total > 0 ? Math.min(1, (run.progress?.step ?? 0) / total) : 0;
}

const measuredAfterSeconds = 3;

/** What the evaluation under way still takes at its pace so far; null in its first seconds. */
export function evaluationSecondsLeft({ done, total, elapsedSeconds }: EvaluationProgress): number | null {
  return done > 0 && elapsedSeconds >= measuredAfterSeconds ? (elapsedSeconds / done) * (total - done) : null;
}

/** "340 of 1,200 validation texts, about 6 min left". */
export function evaluationWords({ phase, start }: Pick<RunState, 'phase' | 'start'>, judging: EvaluationProgress): string {
  const units = start?.settings.task === 'text' ? 'blocks' : 'texts';
  const isFinal = phase === 'final-evaluation';
  const what = judging.answers ? 'answers' : isFinal ? units : `validation ${units}`;
  // Without steps the base model is the tuned one, and is judged once.
  const whose = isFinal && start?.totalSteps !== 0 ? 'Both models: ' : '';
  const seconds = evaluationSecondsLeft(judging);
  const left = seconds === null || judging.done >= judging.total ? '' : `, about ${roughly(seconds)} left`;
  return `${whose}${formatCount(judging.done)} of ${formatCount(judging.total)} ${what}${left}`;
}

/** Full minutes, or five seconds at a time. */
function roughly(seconds: number): string {
  return formatDuration(seconds < 57.5 ? Math.max(5, 5 * Math.round(seconds / 5)) : 60 * Math.round(seconds / 60));
}

/** Seconds that an evaluation takes before it has the bar to itself: a short one would only make it jump. */
const shortSeconds = 2;

/** How far what comes before or between the steps is, and what that counts; null where steps are what counts. */
export function shareBeside({ phase, loading, compiling, judging }: RunState): { name: string; share: number } | null {
  if (phase === 'loading-weights' && loading) {
    const { loadedBytes, totalBytes } = loading;
    return { name: 'Weights loaded', share: totalBytes > 0 ? Math.min(1, loadedBytes / totalBytes) : 0 };
  }
  if (phase === 'compiling' && compiling) {
    return { name: 'Kernels prepared', share: compiling.total > 0 ? compiling.done / compiling.total : 0 };
  }
  if (judging && phase !== 'paused' && (phase === 'evaluating-base' || judging.elapsedSeconds >= shortSeconds)) {
    const name = judging.answers ? 'Answers written' : 'Texts judged';
    return { name, share: judging.total > 0 ? judging.done / judging.total : 0 };
  }
  return null;
}
