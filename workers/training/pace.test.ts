import { expect, test } from 'vitest';
import { Stopwatch } from './pace';

function watchAt() {
  const clock = { ms: 1000 };
  return { clock, watch: new Stopwatch(() => clock.ms) };
}

test('pauses are not counted, and what an earlier one gathered is', () => {
  const { clock, watch } = watchAt();
  watch.start();
  clock.ms += 500;
  watch.stop();
  clock.ms += 10_000;
  expect(watch.elapsedMs).toBe(500);
  watch.start();
  clock.ms += 250;
  expect(watch.elapsedMs).toBe(750);
  expect(new Stopwatch(() => clock.ms, watch.elapsedMs).elapsedMs).toBe(750);
});

test('an hour of sleep between two steps is not counted, slow steps are', () => {
  const { clock, watch } = watchAt();
  watch.start();
  for (let step = 0; step < 3; step++) {
    clock.ms += 60_000;
    watch.look();
  }
  clock.ms += 3_600_000;
  watch.look();
  clock.ms += 1000;
  expect(watch.elapsedMs).toBe(181_000);
});
