import type { Page } from '@playwright/test';
import { goTo, hook, openPage, visibleHook, waitForEnd, waitUntilReady } from '../../scripts/drivePage.mjs';
import { expect, test } from '../support';
import { trainerWorker } from './devices';
import { prepareRun, startAndReach } from './journey';
import { TrainerNews } from './news';

const longRun = { max_steps: '100000', eval_steps: '0', save_steps: '5' };

/** The page computes for so long and answers nothing meanwhile; its worker goes on. */
function hang(page: Page, forMs: number): Promise<void> {
  return page.evaluate((ms) => {
    const end = Date.now() + ms;
    while (Date.now() < end);
  }, forMs);
}

/** From now on counts the files that the worker puts in place. */
async function countWrites(page: Page): Promise<() => Promise<number>> {
  const worker = await trainerWorker(page);
  await worker.evaluate(() => {
    const prototype: object = FileSystemFileHandle.prototype;
    const move: unknown = Reflect.get(prototype, 'move');
    if (typeof move !== 'function') throw new TypeError('There is no move.');
    const written = { count: 0 };
    Object.assign(globalThis, { written });
    Reflect.set(prototype, 'move', function counted(this: unknown, ...parameters: unknown[]): unknown {
      written.count++;
      const answer: unknown = Reflect.apply(move, this, parameters);
      return answer;
    });
  });
  return () => worker.evaluate(() => Number(Object(Reflect.get(globalThis, 'written')).count));
}

/** Each loss that was told of a step, by whichever tab. */
function lossesByStep({ events }: TrainerNews): Map<number, Set<number>> {
  const losses = new Map<number, Set<number>>();
  for (const event of events) {
    if (event.kind !== 'steps') continue;
    for (const { step, loss } of event.records) losses.set(step, (losses.get(step) ?? new Set()).add(loss));
  }
  return losses;
}

test('a run is taken from a tab that hangs: its worker writes nothing more, and the other goes on from the last checkpoint', async ({
  page,
  context,
}) => {
  const news = await TrainerNews.hear(context);
  await prepareRun(page, { device: 'wasm', settings: longRun });
  const writesOfFirst = await countWrites(page);
  await startAndReach(page, news, 20);
  const second = await context.newPage();
  await openPage(second, '?device=wasm#run');
  await expect(hook(second, 'other-tab')).toContainText('This tab shows it live and changes nothing.');

  // Longer than the other waits for its answer.
  const hanging = hang(page, 12_000);
  const place = news.events.length;
  await hook(second, 'take-over').click();
  const started = () => news.since(place).events.find((event) => event.kind === 'run-started');
  await expect.poll(started, { timeout: 60_000 }).toBeDefined();
  const from = started()?.resumed?.step ?? 0;
  expect(from).toBeGreaterThan(0);
  const written = await writesOfFirst();
  expect(written).toBeGreaterThan(0);
  await expect.poll(() => news.since(place).lastStep, { timeout: 60_000 }).toBeGreaterThan(from + 20);
  expect(await writesOfFirst()).toBe(written);

  await hanging;
  await expect(page.getByText('Another tab has taken the run over, since this one did not answer')).toBeVisible();
  await expect(hook(page, 'other-tab')).toContainText('This tab shows it live and changes nothing.');
  const twice = [...lossesByStep(news).values()].filter((losses) => losses.size > 1);
  expect(twice).toEqual([]);
});

test('the computer stays awake while a run trains and no longer, and the browser is asked once to keep what is stored', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const asked = { awake: new Array<WakeLockSentinel>(), persist: 0 };
    Object.assign(globalThis, { asked });
    const { request } = WakeLock.prototype;
    WakeLock.prototype.request = async function counted(type) {
      const lock = await request.call(this, type);
      asked.awake.push(lock);
      return lock;
    };
    const { persist } = StorageManager.prototype;
    StorageManager.prototype.persist = function counted() {
      asked.persist++;
      return persist.call(this);
    };
  });
  const asked = () =>
    page.evaluate(() => {
      const { awake, persist }: { awake: WakeLockSentinel[]; persist: number } = Object(Reflect.get(globalThis, 'asked'));
      return { awake: awake.filter(({ released }) => !released).length, persist };
    });
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'wasm', model: 'dropped', settings: longRun });
  expect(await asked()).toEqual({ awake: 0, persist: 0 });
  await startAndReach(page, news, 5);
  await expect.poll(asked).toEqual({ awake: 1, persist: 1 });
  await page.getByRole('button', { name: 'Pause' }).first().click();
  await expect.poll(asked).toEqual({ awake: 0, persist: 1 });
  await page.getByRole('button', { name: 'Continue' }).first().click();
  await expect.poll(asked).toEqual({ awake: 1, persist: 1 });
  await page.getByRole('button', { name: 'Stop and keep' }).first().click();
  await waitForEnd(page, { timeoutMs: 60_000 });
  await expect.poll(asked).toEqual({ awake: 0, persist: 1 });
});

test('a worker that answers nothing for two minutes is told, and started anew with the same data', async ({ page }) => {
  await page.clock.install();
  await openPage(page, '?device=wasm');
  await visibleHook(page, 'use-sample').click();
  await waitUntilReady(page);
  const worker = await trainerWorker(page);
  // It never answers this either.
  void worker.evaluate(() => { for (;;); }).catch(() => undefined); // prettier-ignore
  await page.clock.runFor(160_000);
  await expect(page.getByText('has not answered for two minutes')).toBeVisible();
  await hook(page, 'replace-worker').click();
  await expect(page.getByText('has not answered for two minutes')).toHaveCount(0);
  await goTo(page, 'Prepare');
  await waitUntilReady(page);
});
