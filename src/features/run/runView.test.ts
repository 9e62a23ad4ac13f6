import { expect, test } from 'vitest';
import type { RunPhase } from '../../../workers/api/events';
import { emptyRun, type EvaluationPoint } from '../../state/run';
import { bestOf, evaluationSecondsLeft, evaluationWords, seriesOf, shareBeside, shareDone, textTracks } from './runView';

function point(step: number, predicted: string, best = false): EvaluationPoint {
  const averages = { precision: 0, recall: 0, f1: 0.25 };
  return {
    step,
    best,
    watched: [{ text: 'a', label: 'yes', predicted, probability: 0.5 }],
    evaluation: {
      split: 'validation',
      count: 2,
      loss: 1,
      accuracy: 0.5,
      macro: averages,
      weighted: averages,
      perClass: [],
      confusion: [],
      calibrationError: 0,
      topThreeAccuracy: 1,
      intervals: { accuracy: [0, 1], macroF1: [0, 1] },
      majority: { label: 'yes', share: 0.5 },
    },
  };
}

test('tracks begin with the base model and end with the latest answer', () => {
  const run = { base: point(0, 'no'), evaluations: [point(10, 'no', true), point(20, 'yes', true), point(30, 'no')] };
  expect(textTracks(run)).toEqual([
    {
      latest: { text: 'a', label: 'yes', predicted: 'no', probability: 0.5 },
      role: 'tuned',
      verdicts: [
        { step: 0, role: 'base', right: false },
        { step: 10, role: 'tuned', right: false },
        { step: 20, role: 'tuned', right: true },
        { step: 30, role: 'tuned', right: false },
      ],
    },
  ]);
  expect(bestOf(run.evaluations)?.step).toBe(20);
  expect(textTracks({ base: null, evaluations: [] })).toEqual([]);
});

test('without a start there is nothing to draw', () => {
  expect(seriesOf(emptyRun)).toBeNull();
});

test('share done follows the steps and ends at 1', () => {
  const progress = { step: 5, totalSteps: 20, epoch: 0, tokensPerSecond: 0, elapsedSeconds: 0, secondsLeft: null };
  expect(shareDone({ ...emptyRun, progress, phase: 'training' })).toBe(0.25);
  expect(shareDone({ ...emptyRun, phase: 'compiling' })).toBe(0);
  expect(shareDone({ ...emptyRun, progress, phase: 'finished' })).toBe(1);
  expect(shareDone({ ...emptyRun, progress, phase: 'failed' })).toBe(0.25);
});

const judging = { done: 340, total: 1200, answers: false, elapsedSeconds: 136 };

test('the time that an evaluation still takes is measured from its own pace, after a few seconds', () => {
  expect(evaluationSecondsLeft({ ...judging, elapsedSeconds: 2 })).toBeNull();
  expect(evaluationSecondsLeft({ ...judging, done: 0 })).toBeNull();
  expect(evaluationSecondsLeft(judging)).toBeCloseTo(344, 9);
});

test('an evaluation says how many of its texts are done, and what of', () => {
  const words = (phase: RunPhase, changes: Partial<typeof judging> = {}) =>
    evaluationWords({ phase, start: null }, { ...judging, ...changes });
  expect(words('evaluating-base')).toBe('340 of 1,200 validation texts, about 6 min left');
  expect(words('evaluating-base', { done: 1200 })).toBe('1,200 of 1,200 validation texts');
  expect(words('evaluating', { elapsedSeconds: 1 })).toBe('340 of 1,200 validation texts');
  expect(words('evaluating', { elapsedSeconds: 10 })).toBe('340 of 1,200 validation texts, about 25 s left');
  expect(words('final-evaluation')).toBe('Both models: 340 of 1,200 texts, about 6 min left');
  expect(words('final-evaluation', { answers: true, elapsedSeconds: 10 })).toBe(
    'Both models: 340 of 1,200 answers, about 25 s left',
  );
});

test('a long evaluation has the bar to itself, a short one between steps leaves it to the steps', () => {
  const share = { name: 'Texts judged', share: 340 / 1200 };
  expect(shareBeside({ ...emptyRun, phase: 'evaluating-base', judging: { ...judging, elapsedSeconds: 0 } })).toEqual(share);
  expect(shareBeside({ ...emptyRun, phase: 'evaluating', judging: { ...judging, elapsedSeconds: 1 } })).toBeNull();
  expect(shareBeside({ ...emptyRun, phase: 'evaluating', judging })).toEqual(share);
  expect(shareBeside({ ...emptyRun, phase: 'training' })).toBeNull();
});
