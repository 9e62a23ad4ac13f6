import type { TrainerEvent } from '../../api/events';
import type { Checkpoint } from '../../training/checkpointState';
import { withTexts } from './judgeLog';
import { scheduleOf } from '../plan/rateSchedule';
import type { RunInputs } from '../plan/runInputs';
import type { RunKeeping } from './checkpointKeeper';

type Emit = (event: TrainerEvent) => void;

/** Tells the page of a run before its first step, or before it goes on from what was kept. */
export function announceRun(inputs: RunInputs, keeping: RunKeeping | null, emit: Emit): void {
  const { name, settings, planned, labels, task } = inputs;
  const from = keeping?.from ?? null;
  emit({
    kind: 'run-started',
    name,
    settings,
    totalSteps: planned.steps.totalSteps,
    stepsPerEpoch: planned.steps.stepsPerEpoch,
    labels: [...labels],
    evaluationSteps: planned.steps.evaluationSteps,
    memoryBytes: planned.needs.memory.totalBytes,
    validationCount: task.count('validation'),
    resumed: from && { step: from.state.step, savedAtMs: from.savedAtMs },
    learningRates: scheduleOf(settings, planned.steps, from?.state.rateHalvedAfter ?? null),
  });
  if (from) tellAgain(inputs, from, emit);
  if (keeping?.notice) emit({ kind: 'notice', message: keeping.notice });
  if (planned.precisionNotice !== null) emit({ kind: 'notice', message: planned.precisionNotice });
}

/** What the page was told before, so that it draws the run as it was. */
function tellAgain(
  { planned, task, settings }: RunInputs,
  { state, judge }: Pick<Checkpoint, 'state' | 'judge'>,
  emit: Emit,
): void {
  const { totalSteps, stepsPerEpoch } = planned.steps;
  const texts = task.name === 'text' ? [] : task.judged('validation', settings).texts;
  for (const event of judge.told) emit(withTexts(event, judge.watched, texts));
  const progress = {
    step: state.step,
    totalSteps,
    epoch: state.step / stepsPerEpoch,
    tokensPerSecond: state.trainingMs > 0 ? (state.tokensDone * 1000) / state.trainingMs : 0,
    elapsedSeconds: state.elapsedMs / 1000,
    secondsLeft: null,
  };
  emit({ kind: 'steps', records: [...state.records], progress });
}
