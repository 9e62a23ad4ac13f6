import { goTo, visibleHook, waitForEnd } from '../../scripts/drivePage.mjs';
import { fillMemory, loseDeviceAt, poison, watchDevices, type Moment } from './devices';
import { prepareRun, startAndReach } from './journey';
import { downloadFigures, expect, expectConsistent, test } from '../support';
import { TrainerNews } from './news';

const saveSteps = 2;

test('a run outlives the loss of its device at any moment, and its losses are those of one that lost nothing', async ({
  page,
}) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'webgpu', model: 'dropped', settings: { save_steps: String(saveSteps) } });
  await watchDevices(page);
  await startAndReach(page, news, 4);
  const moments: Moment[] = ['submit', 'upload', 'readback', 'checkpoint'];
  for (const moment of moments) {
    const place = news.events.length;
    await loseDeviceAt(page, moment);
    await expect.poll(() => news.since(place).waits.length, { timeout: 30_000, intervals: [50] }).toBeGreaterThan(0);
    const wait = news.since(place).waits[0];
    expect(Number(wait?.lostAtStep) - Number(wait?.safeStep), `steps lost at ${moment}`).toBeLessThanOrEqual(saveSteps);
    const from = news.lastStep;
    await expect.poll(() => news.lastStep, { timeout: 60_000, intervals: [50] }).toBeGreaterThanOrEqual(from + 4);
  }
  await waitForEnd(page, { timeoutMs: 60_000 });
  const interrupted = news.losses;
  expect(interrupted).toHaveLength(40);

  await goTo(page, 'Prepare');
  const place = news.events.length;
  await startAndReach(page, news, 40);
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.since(place).losses).toEqual(interrupted);
});

test('a number that goes wrong takes the run back once, with half the rate', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'webgpu', model: 'dropped', settings: { save_steps: String(saveSteps) } });
  await watchDevices(page);
  await startAndReach(page, news, 6);
  await poison(page, 'parameters');
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.notices).toMatch(/went to (NaN|Infinity) at step \d+\. Went back to step \d+ and halved the learning rate to 1e-3/);
  const back = news.events.find((event) => event.kind === 'went-back');
  expect(Number(back?.fromStep) - Number(back?.step), 'steps taken again').toBeLessThanOrEqual(saveSteps + 2);
  expect(news.losses).toHaveLength(40);
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.steps).toBe(40);
});

test('memory that is full is named, with what fits', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'webgpu', model: 'dropped' });
  await watchDevices(page);
  await fillMemory(page, 'arena');
  await visibleHook(page, 'start').click();
  const error = visibleHook(page, 'error');
  await expect(error).toHaveAttribute('data-code', 'device/out-of-memory', { timeout: 60_000 });
  await expect(error).toContainText('no room for the activations');
  await fillMemory(page, '');
  await goTo(page, 'Prepare');
  await startAndReach(page, news, 1);
});
