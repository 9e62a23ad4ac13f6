import type { Page } from '@playwright/test';
import { hook, waitForEnd } from '../../scripts/drivePage.mjs';
import { chromiumLaunchOptions } from '../../scripts/findChromium.mjs';
import { downloadFigures, expect, expectConsistent, test } from '../support';
import { crashGpuProcess } from './devices';
import { prepareRun, reachStep, startAndReach, uninterruptedLosses, type ShortRun } from './journey';
import { TrainerNews } from './news';

// A browser of their own: after two crashes it gives no adapter for a while, to no page.
const launch = chromiumLaunchOptions();
test.use({ launchOptions: { ...launch, args: [...launch.args, '--no-first-run'] } });

const run: ShortRun = { device: 'webgpu', model: 'one block', settings: { save_steps: '2' } };
const lost = (page: Page) => hook(page, 'device-lost');

/** Once: the run goes on by itself. Again: the browser holds the device back, and the page counts down. */
async function crashTwice(page: Page, news: TrainerNews): Promise<void> {
  await startAndReach(page, news, 4);
  await crashGpuProcess(page);
  await expect(lost(page)).toContainText('Your work is safe.', { timeout: 30_000 });
  const [once] = news.waits;
  expect(Number(once?.lostAtStep) - Number(once?.safeStep)).toBeLessThanOrEqual(2);
  const place = news.events.length;
  await reachStep(news.since(place), Number(once?.safeStep) + 4);
  await expect(lost(page)).toHaveCount(0);

  await crashGpuProcess(page);
  await expect(lost(page)).toContainText('the browser holds the device back for about two minutes', { timeout: 30_000 });
  await expect(page.locator('main')).toContainText(/Next try in\s*(1 min|[1-5]\d s)/, { timeout: 30_000 });
}

test('a run outlives a crash of the GPU process, and ends on the processor after the second', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, run);
  await crashTwice(page, news);
  await lost(page).getByRole('button', { name: 'Finish on the processor' }).click();
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.losses).toHaveLength(80);
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.steps).toBe(80);
});

test('after the second crash the run goes on by itself once the browser gives a device again @whole', async ({ page }) => {
  test.setTimeout(600_000);
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, run);
  await crashTwice(page, news);
  await waitForEnd(page, { timeoutMs: 300_000 });
  const interrupted = news.losses;
  expect((await downloadFigures(page)).device).toMatch(/^WebGPU/);
  expect(interrupted).toEqual(await uninterruptedLosses(page, news, run));
});
