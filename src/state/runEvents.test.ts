import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../workers/api/model';
import type { TrainerEvent } from '../../workers/api/events';
import type { StepRecord } from '../../workers/api/steps';
import type { Evaluation } from '../../workers/api/results';
import { emptyRun, isRunning, type RunState } from './run';
import { applyEvent } from './runEvents';
import { pointLimit } from './runSteps';

const started = (totalSteps: number): TrainerEvent => ({
  kind: 'run-started',
  name: 'nano-gpt2 on messages',
  settings: { ...defaultSettings(null, null).settings, maxGradNorm: 1, gradientCheckpointing: false },
  totalSteps,
  stepsPerEpoch: 10,
  labels: ['no', 'yes'],
  evaluationSteps: [10, 20],
  memoryBytes: 1000,
  validationCount: 4,
  resumed: null,
  learningRates: [],
});

const stepsEvent = (records: StepRecord[], totalSteps: number): TrainerEvent => ({
  kind: 'steps',
  records,
  progress: { step: records.at(-1)?.step ?? 0, totalSteps, epoch: 0, tokensPerSecond: 1, elapsedSeconds: 1, secondsLeft: null },
});

const record = (step: number, loss = 1, gradNorm = 0.5): StepRecord => ({ step, loss, learningRate: 1e-3, gradNorm });

function evaluation(accuracy: number): Evaluation {
  const averages = { precision: accuracy, recall: accuracy, f1: accuracy };
  return {
    split: 'validation',
    count: 4,
    loss: 1 - accuracy,
    accuracy,
    macro: averages,
    weighted: averages,
    perClass: [],
    confusion: [
      [1, 1],
      [0, 2],
    ],
    calibrationError: 0,
    topThreeAccuracy: 1,
    intervals: { accuracy: [0, 1], macroF1: [0, 1] },
    majority: { label: 'yes', share: 0.5 },
  };
}

const evaluated = (step: number, model: 'base' | 'tuned', accuracy: number, best = false): TrainerEvent => ({
  kind: 'evaluation',
  step,
  model,
  evaluation: evaluation(accuracy),
  watched: [{ text: 'a', label: 'yes', predicted: accuracy > 0.6 ? 'yes' : 'no', probability: accuracy }],
  best,
});

const play = (events: readonly TrainerEvent[], from: RunState = emptyRun) => events.reduce(applyEvent, from);

describe('a run from start to end', () => {
  test('loading before the run says its length is kept, and an earlier run is forgotten', () => {
    const before = play([started(20), stepsEvent([record(1)], 20), { kind: 'phase', phase: 'failed' }]);
    const loading = play(
      [
        { kind: 'phase', phase: 'loading-weights' },
        { kind: 'model-progress', file: 'w', loadedBytes: 5, totalBytes: 10 },
      ],
      before,
    );
    expect(loading.points).toEqual([]);
    expect(loading.start).toBeNull();
    const begun = play([started(30)], loading);
    expect(begun).toMatchObject({
      phase: 'loading-weights',
      loading: { loadedBytes: 5, totalBytes: 10 },
      start: { totalSteps: 30 },
    });
  });

  test('kernels are counted while the device gets ready, and no longer', () => {
    const compiling = play([
      { kind: 'phase', phase: 'loading-weights' },
      started(20),
      { kind: 'phase', phase: 'compiling' },
      { kind: 'compile-progress', done: 23, total: 38 },
    ]);
    expect(compiling).toMatchObject({ phase: 'compiling', compiling: { done: 23, total: 38 } });
    expect(play([{ kind: 'phase', phase: 'evaluating-base' }], compiling).compiling).toBeNull();
  });

  test('texts judged are counted while they are, and no longer', () => {
    const judging = { done: 340, total: 1200, answers: false, elapsedSeconds: 12 };
    const state = play([started(20), { kind: 'phase', phase: 'evaluating-base' }, { kind: 'evaluation-progress', ...judging }]);
    expect(state.judging).toEqual(judging);
    expect(play([{ kind: 'phase', phase: 'training' }], state).judging).toBeNull();
  });

  test('a run stopped before its first step is over, and the next one begins anew', () => {
    const state = play([started(20), evaluated(0, 'base', 0.5), { kind: 'phase', phase: 'stopped' }]);
    expect(isRunning(state)).toBe(false);
    expect(state).toMatchObject({ phase: 'stopped', result: null, error: null });
    expect(play([{ kind: 'phase', phase: 'loading-weights' }], state)).toEqual({ ...emptyRun, phase: 'loading-weights' });
  });

  test('phases, evaluations, the best step and the result', () => {
    const state = play([
      started(20),
      { kind: 'phase', phase: 'evaluating-base' },
      evaluated(0, 'base', 0.5),
      { kind: 'phase', phase: 'training' },
      stepsEvent([record(1), record(2)], 20),
      evaluated(20, 'tuned', 0.7),
      evaluated(10, 'tuned', 0.9, true),
      evaluated(20, 'tuned', 0.8),
    ]);
    expect(state.base?.evaluation.accuracy).toBe(0.5);
    expect(state.evaluations.map((point) => [point.step, point.evaluation.accuracy, point.best])).toEqual([
      [10, 0.9, true],
      [20, 0.8, false],
    ]);
    expect(isRunning(state)).toBe(true);
    const paused = play([{ kind: 'phase', phase: 'paused' }], state);
    expect(isRunning(paused)).toBe(true);
    expect(paused.evaluations).toBe(state.evaluations);
    expect(isRunning(play([{ kind: 'phase', phase: 'finished' }], state))).toBe(false);
  });

  test('a failure keeps what was drawn and says why', () => {
    const error = { code: 'run/diverged' as const, message: 'm', remedy: 'r', details: {} };
    const state = play([started(20), stepsEvent([record(1)], 20), { kind: 'run-failed', error }]);
    expect(state).toMatchObject({ phase: 'failed', error });
    expect(state.points).toHaveLength(1);
  });

  test('what is no news of the run leaves the state as it is', () => {
    const state = play([started(20)]);
    expect(applyEvent(state, { kind: 'dataset-progress', file: 'f', loadedBytes: 1, totalBytes: 2, rows: 3 })).toBe(state);
  });

  test('notices are kept, the newest twenty', () => {
    const events = Array.from({ length: 25 }, (_, index): TrainerEvent => ({ kind: 'notice', message: `n${index}` }));
    const state = play([started(20), ...events]);
    expect(state.notices).toHaveLength(20);
    expect(state.notices.at(-1)).toBe('n24');
  });
});

describe('steps', () => {
  test('the smoothed loss is the exponential mean free of its first bias', () => {
    const losses = [2, 1, 4, 3];
    const state = play([
      started(250),
      stepsEvent(
        losses.map((loss, index) => record(index + 1, loss)),
        250,
      ),
    ]);
    // 250 steps: a window of 10, so each step keeps 0.9 of what was.
    let sum = 0;
    let weight = 0;
    const expected = losses.map((loss) => {
      sum = sum * 0.9 + loss * 0.1;
      weight = weight * 0.9 + 0.1;
      return sum / weight;
    });
    expect(expected[0]).toBeCloseTo(2, 12);
    state.points.forEach((point, index) => expect(point.smoothed).toBeCloseTo(expected[index] ?? NaN, 12));
  });

  test('one event or many give the same state', () => {
    const records = Array.from({ length: 30 }, (_, index) => record(index + 1, Math.sin(index), index / 10));
    const once = play([started(30), stepsEvent(records, 30)]);
    const often = play([started(30), ...records.map((one) => stepsEvent([one], 30))]);
    expect(often).toEqual(once);
    expect(once).toMatchObject({ stepsSeen: 30, clippedSteps: 19 });
  });

  test('a loss that is not a number does not spoil the mean after it', () => {
    const state = play([started(20), stepsEvent([record(1, 2), record(2, NaN), record(3, 2)], 20)]);
    expect(state.latest?.smoothed).toBeCloseTo(2, 12);
  });

  test('a long run is thinned out evenly, the first and the last step stay exact', () => {
    const total = 3 * pointLimit + 7;
    let state = play([started(total)]);
    for (let step = 1; step <= total; step += 100) {
      const records = Array.from({ length: Math.min(100, total - step + 1) }, (_, index) => record(step + index, step + index));
      state = applyEvent(state, stepsEvent(records, total));
    }
    expect(state.points.length).toBeLessThanOrEqual(pointLimit);
    expect(state.points.length).toBeGreaterThan(pointLimit / 2 - 1);
    expect(state.points[0]?.step).toBe(1);
    expect(new Set(state.points.slice(1).map((point, index) => point.step - (state.points[index]?.step ?? 0)))).toEqual(
      new Set([state.stride]),
    );
    expect(state.latest).toMatchObject({ step: total, loss: total });
    expect(state.stepsSeen).toBe(total);
  });
});

describe('a run that goes back', () => {
  const trained = play([
    started(100),
    stepsEvent(
      Array.from({ length: 30 }, (_, at) => record(at + 1, 1 - at / 100, at < 20 ? 0.5 : 2)),
      100,
    ),
    evaluated(0, 'base', 0.5),
    evaluated(10, 'tuned', 0.6, true),
    evaluated(30, 'tuned', 0.7, true),
  ]);

  test('to where a lost device left it holds nothing of later steps, and goes on as it would have', () => {
    const wait = {
      reason: '', lostAtStep: 30, safeStep: 20, canExport: true, state: 'counting', attempt: 1, attempts: 3,
      nextTry: { atMs: 1, waitMs: 1 }, lossesInARow: 1, smallerBatch: null, full: null, secondsOnProcessor: null,
    } as const; // prettier-ignore
    const waiting = play(
      [
        { kind: 'phase', phase: 'waiting-for-device' },
        { kind: 'device-wait', wait },
      ],
      trained,
    );
    expect(waiting).toMatchObject({ phase: 'waiting-for-device', wait, marks: [{ step: 30, kind: 'device-lost' }] });
    expect(isRunning(waiting)).toBe(true);
    const again = play(
      [
        { kind: 'device-wait', wait },
        { kind: 'resumed', step: 20 },
        { kind: 'phase', phase: 'training' },
      ],
      waiting,
    );
    expect(again).toMatchObject({ wait: null, stepsSeen: 20, clippedSteps: 0, marks: [{ step: 30, kind: 'device-lost' }] });
    expect(again.points).toHaveLength(20);
    expect(again.evaluations.map(({ step }) => step)).toEqual([10]);
    const next = stepsEvent([record(21, 0.8)], 100);
    const uninterrupted = play([next], play([stepsEvent(trained.points.slice(0, 20), 100)], play([started(100)])));
    expect(play([next], again).latest?.smoothed).toBeCloseTo(uninterrupted.latest?.smoothed ?? Number.NaN, 12);
  });

  test('because its numbers went wrong has the schedule that holds from there on', () => {
    const learningRates = [{ step: 21, learningRate: 5e-4 }];
    const back = play([{ kind: 'went-back', step: 20, fromStep: 33, learningRates }], trained);
    expect(back.start?.learningRates).toEqual(learningRates);
    expect(back.latest?.step).toBe(20);
    expect(back.marks).toEqual([{ step: 33, kind: 'went-back' }]);
  });

  test('in another visit is marked where it goes on', () => {
    const start = started(100);
    if (start.kind !== 'run-started') throw new Error('No run was started.');
    expect(play([{ ...start, resumed: { step: 20, savedAtMs: 1 } }]).marks).toEqual([{ step: 20, kind: 'resumed' }]);
  });

  test('a loss that jumps is marked once', () => {
    const jumped = play([stepsEvent([record(31, 6), record(32, 0.7), record(33, 0.71)], 100)], trained);
    expect(jumped.marks).toEqual([{ step: 31, kind: 'loss-spike' }]);
  });
});
