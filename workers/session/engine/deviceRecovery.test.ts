import { describe, expect, it } from 'vitest';
import type { DeviceWait, WayOn } from '../../api/deviceWait';
import { DeviceRecovery, mostLossesInARow, triesAfterMs, type Loss } from './deviceRecovery';

const loss: Loss = {
  reason: 'crashed',
  full: null,
  lostAtStep: 594,
  safeStep: 592,
  canExport: true,
  smallerBatch: null,
  secondsOnProcessor: null,
};

/** Chromium's adapters after a second crash of the graphics process. */
const heldBackMs = 120_000;

/** A recovery whose time passes at once. `act` is called whenever something is told; it may choose. */
function recovery(backAfterMs: number, act: (wait: DeviceWait, choose: (way: WayOn) => void) => void = () => {}) {
  const told: DeviceWait[] = [];
  let nowMs = 0;
  const tested: DeviceRecovery = new DeviceRecovery({
    isBack: async () => nowMs >= backAfterMs,
    tell: (wait) => {
      told.push(wait);
      // As the page does it: after the wait has begun.
      queueMicrotask(() => act(wait, (way) => tested.choose(way)));
    },
    clock: {
      now: () => nowMs,
      wait: (ms, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve());
          if (ms === Infinity) return;
          setTimeout(() => {
            if (!signal.aborted) nowMs += ms;
            resolve();
          });
        }),
    },
  });
  return { tested, told, elapsedMs: () => nowMs };
}

describe('the wait for a lost device', () => {
  it('is short where the browser gives another at once', async () => {
    const { tested, told, elapsedMs } = recovery(0);
    expect(await tested.wayOn(loss)).toBe('device');
    expect(elapsedMs()).toBe(triesAfterMs[0]);
    expect(told.map(({ state, attempt, attempts, nextTry }) => ({ state, attempt, attempts, nextTry }))).toEqual([
      { state: 'counting', attempt: 1, attempts: 3, nextTry: { atMs: triesAfterMs[0], waitMs: triesAfterMs[0] } },
      { state: 'trying', attempt: 1, attempts: 3, nextTry: null },
    ]);
    expect(told[0]).toMatchObject(loss);
  });

  it('outlasts the two minutes for which Chromium gives none', async () => {
    const { tested, told, elapsedMs } = recovery(heldBackMs);
    expect(await tested.wayOn(loss)).toBe('device');
    expect(elapsedMs()).toBeGreaterThanOrEqual(heldBackMs);
    expect(told.every(({ state }) => state !== 'asking')).toBe(true);
    expect(told.at(-1)).toMatchObject({ state: 'trying', attempt: 3 });
  });

  it('asks when three tries have found nothing, and tries again when told to', async () => {
    let asked = 0;
    const { tested, told } = recovery(Infinity, ({ state }, choose) => {
      if (state !== 'asking') return;
      asked += 1;
      choose(asked < 3 ? 'device' : 'processor');
    });
    expect(await tested.wayOn(loss)).toBe('processor');
    const tries = ['counting trying counting trying counting trying', 'asking trying asking trying asking'];
    expect(told.map(({ state }) => state).join(' ')).toBe(tries.join(' '));
  });

  it('ends at once by any choice', async () => {
    for (const way of ['processor', 'smaller-batch', 'stop'] as const) {
      const { tested, told, elapsedMs } = recovery(0, (_, choose) => choose(way));
      expect(await tested.wayOn(loss)).toBe(way);
      expect(elapsedMs()).toBe(0);
      expect(told).toHaveLength(1);
    }
  });

  it('heeds a choice that comes during a try', async () => {
    const { tested, told } = recovery(Infinity, ({ state }, choose) => state === 'trying' && choose('stop'));
    expect(await tested.wayOn(loss)).toBe('stop');
    expect(told.map(({ state }) => state)).toEqual(['counting', 'trying', 'counting']);
  });

  it('is over at once where the user has it try now', async () => {
    const { tested, elapsedMs } = recovery(0, ({ state }, choose) => state === 'counting' && choose('device'));
    expect(await tested.wayOn(loss)).toBe('device');
    expect(elapsedMs()).toBe(0);
  });

  it('asks at once where the device is full, which counts as no loss', async () => {
    const { tested, told, elapsedMs } = recovery(0, ({ state }, choose) => state === 'asking' && choose('smaller-batch'));
    for (let times = 0; times < mostLossesInARow; times++)
      expect(await tested.wayOn({ ...loss, full: 'There was no room.' })).toBe('smaller-batch');
    expect(elapsedMs()).toBe(0);
    expect(told).toHaveLength(mostLossesInARow);
    expect(await tested.wayOn(loss)).toBe('device');
  });

  it('asks after three losses in a row without a step kept, and counts anew after one', async () => {
    const { tested, told } = recovery(0, ({ state }, choose) => state === 'asking' && choose('smaller-batch'));
    expect(await tested.wayOn(loss)).toBe('device');
    expect(await tested.wayOn(loss)).toBe('device');
    expect(await tested.wayOn({ ...loss, safeStep: 593 })).toBe('device');
    expect(told.at(-1)?.lossesInARow).toBe(1);
    for (let again = 2; again < mostLossesInARow; again++) expect(await tested.wayOn({ ...loss, safeStep: 593 })).toBe('device');
    expect(await tested.wayOn({ ...loss, safeStep: 593 })).toBe('smaller-batch');
    expect(told.at(-1)).toMatchObject({ state: 'asking', attempt: 0, lossesInARow: mostLossesInARow });
  });
});
