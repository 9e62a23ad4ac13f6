import type { Page } from '@playwright/test';
import { createXXHash128 } from 'hash-wasm';
import { goTo, hook, openPage, visibleHook, waitForEnd } from '../../scripts/drivePage.mjs';
import { downloadFigures, expect, expectConsistent, test } from '../support';
import { continueRun, prepareRun, reachStep, startAndReach, takeUp, uninterruptedLosses, type ShortRun } from './journey';
import { TrainerNews } from './news';
import { keptCheckpoints, openBeside, overwrite } from './storage';
import { crashPage, endWorker, jumpClock, setLifecycle } from './tab';

// The page beside Tunelet is a bare file, for which browsers ask an icon.
test.use({ expectedProblems: /favicon\.ico/ });

const saveSteps = 10;
const run: ShortRun = {
  device: 'wasm',
  settings: { max_steps: '300', save_steps: String(saveSteps), learning_rate: '0.001' },
};

/** What a whole run tells, computed once. */
let expected: readonly number[];
test.beforeAll(async ({ browser }, { project }) => {
  const { baseURL } = project.use;
  const context = await browser.newContext(baseURL === undefined ? {} : { baseURL });
  expected = await uninterruptedLosses(await context.newPage(), await TrainerNews.hear(context), run);
  expect(expected).toHaveLength(300);
  await context.close();
});

let news: TrainerNews;
test.beforeEach(async ({ page, context }) => {
  news = await TrainerNews.hear(context);
  // Leaving a page that trains is asked about first.
  page.on('dialog', (dialog) => void dialog.accept());
  await prepareRun(page, run);
  await startAndReach(page, news, 40);
});

/** The run goes on to its end as if nothing had been; no more than an interval was done twice. */
async function expectWhole(page: Page, place: number, toldBefore: number): Promise<void> {
  await waitForEnd(page, { timeoutMs: 120_000 });
  const started = news.since(place).events.find((event) => event.kind === 'run-started');
  const from = started?.resumed?.step ?? 0;
  expect(toldBefore - from, 'steps lost').toBeLessThanOrEqual(saveSteps);
  expect(news.losses).toEqual(expected);
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect([figures.steps, figures.labels]).toEqual([300, ['complaint', 'praise', 'question']]);
  expect(figures.settings).toMatchObject({ maxSteps: 300, learningRate: 0.001, saveSteps });
}

test('a reload', async ({ page }) => {
  const told = news.lastStep;
  await page.reload();
  const place = news.events.length;
  await takeUp(page);
  await expectWhole(page, place, told);
});

test('a page that crashes', async ({ page, context }) => {
  const told = news.lastStep;
  await crashPage(page);
  const again = await context.newPage();
  const place = news.events.length;
  await continueRun(again, 'wasm');
  await expectWhole(again, place, told);
});

test('a worker that ends', async ({ page }) => {
  const told = news.lastStep;
  const place = news.events.length;
  await endWorker(page);
  await expectWhole(page, place, told);
});

test('a page that is told to freeze and to go on, and whose clock jumps', async ({ page }) => {
  // By this command Chromium stops neither the page's tasks nor its worker, as a phone would: the run goes on meanwhile.
  await setLifecycle(page, 'frozen');
  await new Promise((later) => setTimeout(later, 300));
  await setLifecycle(page, 'active');
  await reachStep(news, news.lastStep + 1);
  await jumpClock(page, 8 * 3_600_000);
  await reachStep(news, news.lastStep + 10);
  await jumpClock(page, -24 * 3_600_000);
  await waitForEnd(page, { timeoutMs: 120_000 });
  expect(news.losses).toEqual(expected);
});

test('a checkpoint with a wrong bit gives way to the one before', async ({ page, context }) => {
  await crashPage(page);
  const beside = await openBeside(context);
  const [newest, before] = await keptCheckpoints(beside);
  if (!newest?.content || !before?.content) throw new Error('There are no two checkpoints.');
  newest.bytes[newest.bytes.length - 100] = (newest.bytes.at(-100) ?? 0) ^ 1;
  await overwrite(beside, newest.path, newest.bytes);

  const again = await context.newPage();
  const place = news.events.length;
  await continueRun(again, 'wasm');
  await expectWhole(again, place, before.content.state.step);
});

test('a checkpoint of a newer Tunelet, or of one that is no longer read, is refused kindly; one of version 1 goes on', async ({
  page,
  context,
}) => {
  const told = news.lastStep;
  await crashPage(page);
  const beside = await openBeside(context);
  const saved = await keptCheckpoints(beside);
  const rewrite = async (version: number) => {
    for (const { path, bytes } of saved) await overwrite(beside, path, await ofVersion(bytes, version));
  };
  await rewrite(99);
  const again = await context.newPage();
  await openPage(again, '?device=wasm');
  await goTo(again, 'Prepare');
  const error = visibleHook(again, 'error');
  await expect(error).toHaveAttribute('data-code', 'checkpoint/version', { timeout: 60_000 });
  await expect(error).toContainText('Nothing is lost.');

  await rewrite(0);
  await again.reload();
  await expect(error).toContainText('was saved by an older Tunelet', { timeout: 60_000 });
  await expect(error).toContainText('its dataset and settings can be used as they are');
  await expect(hook(again, 'resume-card').getByRole('button', { name: 'Discard' })).toBeVisible();

  await rewrite(1);
  await again.reload();
  const place = news.events.length;
  await takeUp(again);
  await expectWhole(again, place, told);
});

/** With a checksum that holds. */
async function ofVersion(bytes: Buffer, version: number): Promise<Buffer> {
  const changed = Buffer.from(bytes);
  changed.writeUInt32LE(version, 8);
  const hash = await createXXHash128();
  hash.update(changed.subarray(0, 16));
  hash.update(changed.subarray(32));
  changed.set(hash.digest('binary'), 16);
  return changed;
}
