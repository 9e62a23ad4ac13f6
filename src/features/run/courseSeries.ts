import type { RunSeries, ScorePoint } from '../../charts/series';
import type { CurvePoint, RunCourse } from '../../../workers/api/runs';
import { emptyRun, type RunStart } from '../../state/run';
import { applySteps } from '../../state/runSteps';
import { seriesOf } from './runView';

/** A kept run as the charts drew it when it ended. */
export function seriesOfCourse(course: RunCourse): RunSeries | null {
  const { run, steps, base, tuned, tokensPerSecond } = course;
  const progress = { step: run.steps, totalSteps: run.totalSteps, epoch: 0, tokensPerSecond, elapsedSeconds: run.elapsedSeconds, secondsLeft: null }; // prettier-ignore
  const state = applySteps({ ...emptyRun, start: startOf(course) }, steps, progress);
  const series = seriesOf({ ...state, marks: run.marks ?? state.marks });
  return (
    series && {
      ...series,
      base: base && scoreOf(base, false),
      evaluations: tuned.map((point) => scoreOf(point, point.step === run.bestStep)),
    }
  );
}

function startOf({ run, stepsPerEpoch, learningRates }: RunCourse): RunStart {
  const { name, settings, totalSteps, dataset } = run;
  return {
    name,
    settings,
    totalSteps,
    stepsPerEpoch,
    learningRates,
    validationCount: dataset.rows.validation,
    // Nothing that the charts draw.
    labels: [],
    evaluationSteps: [],
    memoryBytes: 0,
    resumed: null,
  };
}

function scoreOf({ step, loss, accuracy, macroF1 }: CurvePoint, best: boolean): ScorePoint {
  return { step, loss, accuracy: accuracy ?? Number.NaN, macroF1: macroF1 ?? Number.NaN, best };
}
