import type { DeviceWait } from '../../workers/api/deviceWait';
import type { RunPhase, TrainerEvent } from '../../workers/api/events';
import { emptyRun, isEnd, isRunning, withMark, type EvaluationPoint, type LossPoint, type RunState } from './run';
import { applySteps, upTo } from './runSteps';

const noticeLimit = 20;

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
    case 'labelling-progress':
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
      return applyWait({ ...state, wait: event.wait }, event.wait);
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

function applyPhase(state: RunState, phase: RunPhase): RunState {
  // An imported adapter's evaluation does not announce itself: whatever begins now, the earlier run is over.
  const isNewRun = !isEnd(phase) && !isRunning(state);
  if (isNewRun) return { ...emptyRun, phase };
  return { ...state, phase, compiling: null, judging: null, wait: phase === 'waiting-for-device' ? state.wait : null };
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

/** A device that is full was not lost, which is all that the charts mark. */
function applyWait(state: RunState, { full, lostAtStep }: DeviceWait): RunState {
  return full === null ? withMark(state, { step: lostAtStep, kind: 'device-lost' }) : state;
}
