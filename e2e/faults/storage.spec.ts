import type { Page } from '@playwright/test';
import { goTo, hook, phaseOf, waitForEnd } from '../../scripts/drivePage.mjs';
import { expect, test } from '../support';
import { trainerWorker } from './devices';
import { prepareRun, startAndReach, type ShortRun } from './journey';
import { TrainerNews } from './news';
import { evict, keptCheckpoints, limitQuota, openBeside } from './storage';

// The page beside Tunelet is a bare file, for which browsers ask an icon.
test.use({ expectedProblems: /favicon\.ico/ });

// So many that it is not over before the second thing goes wrong.
const steps = 600;
const saveSteps = 5;
const run: ShortRun = {
  device: 'wasm',
  model: 'dropped',
  settings: { max_steps: String(steps), eval_steps: '20', save_steps: String(saveSteps), learning_rate: '0.001' },
};

/** The same run once more, with nothing that goes wrong. */
async function expectLossesOfAnUndisturbedRun(page: Page, news: TrainerNews): Promise<void> {
  await waitForEnd(page, { timeoutMs: 60_000 });
  const disturbed = news.losses;
  expect(disturbed).toHaveLength(steps);
  await goTo(page, 'Prepare');
  const place = news.events.length;
  await startAndReach(page, news, steps);
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.since(place).losses).toEqual(disturbed);
}

/** From now on a file that was opened for writing waits until it is let go. */
async function holdWriting(page: Page): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate(() => {
    const prototype: object = FileSystemFileHandle.prototype;
    const open: unknown = Reflect.get(prototype, 'createSyncAccessHandle');
    if (typeof open !== 'function') throw new TypeError('There are no synchronous handles.');
    const held = { count: 0, letGo: () => {} };
    const gate = new Promise<void>((letGo) => Object.assign(held, { letGo }));
    Object.assign(globalThis, { held });
    Reflect.set(prototype, 'createSyncAccessHandle', async function waiting(this: unknown): Promise<unknown> {
      const handle: unknown = await Reflect.apply(open, this, []);
      held.count++;
      await gate;
      return handle;
    });
  });
  await expect.poll(() => worker.evaluate(() => Number(Object(Reflect.get(globalThis, 'held')).count))).toBeGreaterThan(0);
}

async function letWritingGo(page: Page): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate(() => Object(Reflect.get(globalThis, 'held')).letGo());
}

/** Steps of checkpoints that were written, in order. */
function written({ events }: TrainerNews): number[] {
  return events.flatMap((event) => (event.kind === 'checkpoint' ? event.step : []));
}

test('a run whose files the browser clears, even while one is written, keeps the next and goes on', async ({ page, context }) => {
  const news = await TrainerNews.hear(context);
  const beside = await openBeside(context);
  await prepareRun(page, run);
  await startAndReach(page, news, 20);
  await evict(page);
  const cleared = news.events.length;
  await expect.poll(() => written(news.since(cleared)).length, { intervals: [20] }).toBeGreaterThan(0);

  await holdWriting(page);
  await evict(page);
  // A run gets no further than to its next checkpoint while one is being written.
  await page.getByRole('button', { name: 'Pause' }).first().click();
  await letWritingGo(page);
  await expect.poll(() => phaseOf(page)).toBe('paused');
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText('Saved on this device.');
  const [newest] = await keptCheckpoints(beside);
  expect(newest?.content?.state.step).toBe(news.lastStep);
  expect(news.events.filter(({ kind }) => kind === 'checkpoint-failed')).toEqual([]);
  await page.getByRole('button', { name: 'Continue' }).first().click();
  await expectLossesOfAnUndisturbedRun(page, news);
});

test('a full device pauses a run and says what is needed; with room again it goes on', async ({ page, context }) => {
  const news = await TrainerNews.hear(context);
  await prepareRun(page, run);
  await startAndReach(page, news, 40);
  await limitQuota(page, 1000);
  await expect.poll(() => phaseOf(page), { timeout: 20_000 }).toBe('paused');
  const unsaved = hook(page, 'unsaved');
  await expect(unsaved).toHaveAttribute('data-code', 'storage/quota');
  await expect(unsaved).toContainText(/This device is full: a checkpoint needs \d+ KB/);
  await expect(unsaved).toContainText(/The last checkpoint, of step \d+, is still there\./);
  await expect(unsaved.getByRole('button', { name: 'See stored models' })).toBeVisible();
  const download = page.waitForEvent('download');
  await unsaved.getByRole('button', { name: 'Download adapter' }).click();
  expect((await download).suggestedFilename()).toMatch(/-adapter\.zip$/);

  await limitQuota(page, null);
  await page.getByRole('button', { name: 'Continue' }).first().click();
  await expect(unsaved).toHaveCount(0);
  await expectLossesOfAnUndisturbedRun(page, news);
});
