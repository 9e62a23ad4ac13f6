import { expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { countedWatch } from './evaluationProgress';

it('says the count at first, at the end, and at most ten times a second between them', async () => {
  const told: Extract<TrainerEvent, { kind: 'evaluation-progress' }>[] = [];
  let nowMs = 0;
  const hold = async (): Promise<boolean> => {
    // A pause of ten seconds before the last text.
    if (nowMs === 990) nowMs += 10_000;
    return true;
  };
  const watch = countedWatch(
    { total: 100, answers: false },
    hold,
    (event) => {
      if (event.kind === 'evaluation-progress') told.push(event);
    },
    () => nowMs,
  );
  for (let text = 0; text < 100; text++) {
    expect(await watch.proceed()).toBe(true);
    nowMs += 10;
    watch.done(1);
  }
  expect(told.map(({ done }) => done)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  expect(told.at(-1)).toEqual({
    kind: 'evaluation-progress',
    done: 100,
    total: 100,
    answers: false,
    elapsedSeconds: expect.closeTo(1, 9),
  });
});
