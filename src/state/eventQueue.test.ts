import { describe, expect, test } from 'vitest';
import type { TrainerEvent } from '../../workers/api/events';
import { createEventQueue } from './eventQueue';

const steps = (step: number): TrainerEvent => ({
  kind: 'steps',
  records: [{ step, loss: 1, learningRate: 1e-3, gradNorm: 0.5 }],
  progress: { step, totalSteps: 9, epoch: 0, tokensPerSecond: 1, elapsedSeconds: 1, secondsLeft: null },
});

describe('the queue of events', () => {
  const training: TrainerEvent = { kind: 'phase', phase: 'training' };

  test('steps wait for the redraw together, in order', () => {
    const portions: (readonly TrainerEvent[])[] = [];
    let redraw = () => {};
    let scheduled = 0;
    const { receive } = createEventQueue(
      (events) => portions.push(events),
      (flush) => {
        redraw = flush;
        scheduled += 1;
      },
    );
    const first = steps(1);
    const second = steps(2);
    receive(first);
    receive(second);
    expect(portions).toEqual([]);
    expect(scheduled).toBe(1);
    redraw();
    expect(portions).toEqual([[first, second]]);
    receive(second);
    expect(scheduled).toBe(2);
  });

  test('a change of state is told at once, after the steps before it', () => {
    const portions: (readonly TrainerEvent[])[] = [];
    let redraw = () => {};
    const { receive } = createEventQueue(
      (events) => portions.push(events),
      (flush) => (redraw = flush),
    );
    const first = steps(1);
    receive(first);
    receive(training);
    expect(portions).toEqual([[first, training]]);
    redraw();
    expect(portions).toHaveLength(1);
  });

  test('what waits can be dropped, and what comes after is told', () => {
    const portions: (readonly TrainerEvent[])[] = [];
    let redraw = () => {};
    const { receive, drop } = createEventQueue(
      (events) => portions.push(events),
      (flush) => (redraw = flush),
    );
    receive(steps(1));
    drop();
    redraw();
    expect(portions).toEqual([]);
    receive(training);
    expect(portions).toEqual([[training]]);
  });
});
