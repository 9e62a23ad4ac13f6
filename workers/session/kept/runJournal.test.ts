import { expect, it } from 'vitest';
import type { DeviceWait } from '../../api/deviceWait';
import type { TrainerEvent } from '../../api/events';
import type { StepRecord } from '../../api/steps';
import { RunJournal } from './runJournal';

function steps(first: number, losses: readonly number[]): TrainerEvent {
  const records = losses.map((loss, index): StepRecord => ({ step: first + index, loss, learningRate: 1e-3, gradNorm: 1 }));
  const progress = { step: first, totalSteps: 100, epoch: 0, tokensPerSecond: 0, elapsedSeconds: 0, secondsLeft: null };
  return { kind: 'steps', records, progress };
}

const calm = Array.from({ length: 30 }, (_, index) => 1 + 0.01 * (index % 3));

it('marks losses that jump, also those of steps that are taken again', () => {
  const journal = new RunJournal();
  journal.begin();
  journal.note(steps(1, calm));
  journal.note(steps(31, [1.01, 9, Number.NaN]));
  expect(journal.marks).toEqual([{ step: 32, kind: 'loss-spike' }]);
  journal.note({ kind: 'went-back', step: 30, fromStep: 33, learningRates: [] });
  // What it is held against are the steps that count: the nine is none of them any more.
  journal.note(steps(31, [1.01, 1.02, 9]));
  expect(journal.marks).toEqual([
    { step: 32, kind: 'loss-spike' },
    { step: 33, kind: 'went-back' },
    { step: 33, kind: 'loss-spike' },
  ]);
});

it('marks where a device was lost, once, and says that the run went on', () => {
  const journal = new RunJournal();
  journal.begin();
  const wait: DeviceWait = {
    reason: 'lost',
    lostAtStep: 7,
    safeStep: 6,
    canExport: false,
    state: 'trying',
    attempt: 1,
    attempts: 3,
    nextTry: null,
    lossesInARow: 1,
    smallerBatch: null,
    full: null,
    secondsOnProcessor: null,
  };
  for (const state of ['trying', 'asking'] as const) journal.note({ kind: 'device-wait', wait: { ...wait, state } });
  expect(journal.marks).toEqual([{ step: 7, kind: 'device-lost' }]);
  journal.note({ kind: 'resumed', step: 6 });
  expect(journal.notices).toEqual(['Training was interrupted and went on after step 6.']);
});
