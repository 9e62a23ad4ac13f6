import { goTo, hook, visibleHook, waitForEnd } from '../../scripts/drivePage.mjs';
import { fillMemory, loseDeviceAt, poison, watchDevices, type Moment } from './devices';
import { prepareRun, startAndReach } from './journey';
import { downloadFigures, expect, expectConsistent, test } from '../support';
import { TrainerNews } from './news';

const saveSteps = 2;

test('a run outlives the loss of its device at any moment, and its losses are those of one that lost nothing', async ({
  page,
}) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'webgpu', model: 'one block', settings: { save_steps: String(saveSteps) } });
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
  expect(interrupted).toHaveLength(80);

  await goTo(page, 'Prepare');
  const place = news.events.length;
  await startAndReach(page, news, 80);
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.since(place).losses).toEqual(interrupted);
});

test('a number that goes wrong takes the run back once, with half the rate', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'webgpu', model: 'one block', settings: { save_steps: String(saveSteps) } });
  await watchDevices(page);
  await startAndReach(page, news, 6);
  await poison(page, 'parameters');
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.notices).toMatch(
    /went (from [\d.]+ )?to (NaN|Infinity) at step \d+\. Went back to step \d+ and halved the learning rate to 1e-3/,
  );
  const back = news.events.find((event) => event.kind === 'went-back');
  expect(Number(back?.fromStep) - Number(back?.step), 'steps taken again').toBeLessThanOrEqual(saveSteps + 2);
  expect(news.losses).toHaveLength(80);
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.steps).toBe(80);
});

test('three losses in a row: the run asks, and goes on with fewer texts at once', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  const settings = { max_steps: '40', save_steps: '4', eval_steps: '2' };
  await prepareRun(page, { device: 'webgpu', model: 'one block', settings });
  await watchDevices(page);
  await startAndReach(page, news, 5);
  // All at once: the run would be past its next state before a look from outside.
  await loseDeviceAt(page, 'submit', 0, 3);
  await expect.poll(() => news.waits.at(-1)?.lossesInARow, { timeout: 60_000, intervals: [50] }).toBe(3);
  const lost = hook(page, 'device-lost');
  await expect(lost).toContainText('It went away 3 times without a step kept in between', { timeout: 30_000 });
  await expect(lost).toContainText(/Everything up to step [1-9]\d* is kept/);
  await expect(lost.getByRole('button', { name: /^Finish on the processor/ })).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Stop and keep' }).first()).toBeEnabled();
  const download = page.waitForEvent('download');
  await lost.getByRole('button', { name: 'Download the adapter so far' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.zip$/);
  await lost.getByRole('button', { name: 'Go on with batches of 2, 2 a step' }).click();
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.notices).toContain('per_device_train_batch_size 2 and gradient_accumulation_steps 2');
  expect(news.losses).toHaveLength(40);
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.settings).toMatchObject({ perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 2 });
});

test('memory that is full is named, and the batch that fits is offered, taken, and trained with', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  const settings = { max_steps: '6', per_device_train_batch_size: '8', max_length: '64' };
  await prepareRun(page, { device: 'webgpu', model: 'one block', settings });
  await watchDevices(page);
  await fillMemory(page, 'arena', 0.5);
  await visibleHook(page, 'start').click();
  const full = hook(page, 'device-lost');
  await expect(full).toHaveAttribute('data-cause', 'full', { timeout: 60_000 });
  await expect(full).toContainText('no room for the activations');
  await expect(full).toContainText('data and settings are kept');
  await full.getByRole('button', { name: /^Go on with batches of [124], [248] a step$/ }).click();
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect(news.losses).toHaveLength(6);
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  const { perDeviceTrainBatchSize: texts = 0, gradientAccumulationSteps: times = 0 } = figures.settings ?? {};
  expect([texts < 8, texts * times]).toEqual([true, 8]);
  expect(figures.device).toMatch(/^WebGPU/);
});
