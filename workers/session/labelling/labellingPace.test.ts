import { describe, expect, it } from 'vitest';
import type { LabellingProgress } from '../../api/labelling';
import { LabellingPace } from './labellingPace';

function paced(total: number, done = 0) {
  let nowMs = 0;
  const told: LabellingProgress[] = [];
  const pace = new LabellingPace(
    done,
    total,
    (progress) => told.push(progress),
    () => nowMs,
  );
  const pass = (ms: number) => (nowMs += ms);
  return { pace, told, pass };
}

describe('the pace of labelling', () => {
  it('measures from the first batch on, so that getting ready costs nothing', async () => {
    const { pace, told, pass } = paced(1000);
    pace.tell('preparing');
    const watch = pace.watch(() => true);
    pass(60_000);
    await watch.proceed();
    pass(1000);
    watch.done(50);
    expect(told.at(-1)).toMatchObject({ phase: 'labelling', done: 50, total: 1000, rowsPerSecond: null, secondsLeft: null });
    pace.windowDone(50);
    expect(told.at(-1)).toMatchObject({ done: 50, rowsPerSecond: 50, secondsLeft: 19, share: 0.05 });
  });

  it('takes as many rows as take two seconds, and never many more than before', async () => {
    const { pace, pass } = paced(1_000_000);
    const window = async (ms: number) => {
      const rows = pace.rowsAtOnce;
      await pace.watch(() => true).proceed();
      pass(ms);
      done += rows;
      pace.windowDone(done);
    };
    let done = 0;
    const first = pace.rowsAtOnce;
    await window(1);
    expect(pace.rowsAtOnce).toBe(4 * first);
    await window(4000);
    expect(pace.rowsAtOnce).toBe(2 * first);
    await window(1e6);
    expect(pace.rowsAtOnce).toBe(16);
    for (let at = 0; at < 20; at++) await window(1);
    expect(pace.rowsAtOnce).toBe(8192);
  });

  it('counts no row beyond the table, and tells ten times a second at the most', async () => {
    const { pace, told, pass } = paced(70, 40);
    const watch = pace.watch(() => true);
    await watch.proceed();
    watch.done(20);
    watch.done(20);
    expect(told).toMatchObject([{ done: 60 }]);
    pass(100);
    watch.done(20);
    expect(told).toMatchObject([{ done: 60 }, { done: 70, share: 1 }]);
  });
});
