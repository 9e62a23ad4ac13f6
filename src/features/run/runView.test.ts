import { expect, test } from 'vitest';
import { emptyRun } from '../../state/run';
import type { EvaluationPoint } from '../../state/run';
import { bestOf, seriesOf, shareDone, textTracks } from './runView';

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
