import { expect, test } from 'vitest';
import type { KeptRun, RunCourse } from '../../../workers/api/runs';
import { keptRun } from '../../../workers/testing/keptRun';
import { seriesOfCourse } from './courseSeries';

const run: KeptRun = {
  ...keptRun,
  settings: { ...keptRun.settings, maxGradNorm: 1 },
  steps: 40,
  totalSteps: 60,
  bestStep: 20,
  stopped: true,
};

const course: RunCourse = {
  run,
  totalSteps: 60,
  stepsPerEpoch: 10,
  steps: Array.from({ length: 40 }, (_, at) => ({
    step: at + 1,
    loss: at === 30 ? 20 : 1 + 0.01 * (at % 3),
    learningRate: 1e-3,
    gradNorm: at % 4 === 0 ? 2 : 0.5,
  })),
  base: { step: 0, loss: 1.2, accuracy: 0.3, macroF1: 0.2 },
  tuned: [20, 40].map((step) => ({ step, loss: 1, accuracy: 0.6, macroF1: 0.5 })),
  learningRates: [{ step: 60, learningRate: 1e-4 }],
  tokensPerSecond: 100,
};

test('a kept run is drawn as it was: to its planned end, with its best step and what it marks', () => {
  const series = seriesOfCourse({ ...course, run: { ...run, marks: [{ step: 5, kind: 'device-lost' }] } });
  expect(series).toMatchObject({ totalSteps: 60, stepsPerEpoch: 10, validationCount: 10, clippedSteps: 10, stepsSeen: 40 });
  expect(series?.points).toHaveLength(40);
  expect(series?.latest).toMatchObject({ step: 40, loss: 1 });
  expect(series?.base).toMatchObject({ accuracy: 0.3, best: false });
  expect(series?.evaluations.map(({ step, best }) => [step, best])).toEqual([
    [20, true],
    [40, false],
  ]);
  expect(series?.marks).toEqual([{ step: 5, kind: 'device-lost', label: 'device lost, step 5' }]);
});

test('of a run whose marks were not recorded yet, losses that jump are found again', () => {
  expect(seriesOfCourse(course)?.marks).toEqual([{ step: 31, kind: 'loss-spike', label: 'loss jumped, step 31' }]);
});
