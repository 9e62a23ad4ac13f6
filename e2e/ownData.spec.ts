import { chooseColumn, chooseDataset } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { csvFile, messages, messagesCsv } from './files';
import { downloadFigures, expect, expectConsistent, test } from './support';

const short = { max_steps: '6', eval_steps: '3', per_device_train_batch_size: '6' };

test('a dropped CSV: columns guessed, rows shown, trained on', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  await expect(page.getByText('messages.csv').first()).toBeVisible();
  await expect(page.getByText('the tram was late again and nobody said why (1)').first()).toBeVisible();
  for (const [name, value] of Object.entries(short)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.labels).toEqual(['complaint', 'praise', 'question']);
  expect(figures.steps).toBe(6);
  expect(figures.trainExamples + figures.tuned.count).toBeLessThanOrEqual(60);
  expect(figures.device).toMatch(/Processor/);
});

test('validation and test files of their own', async ({ page }) => {
  const all = messages(72).map(({ text, kind }) => `"${text}",${kind}\n`);
  const part = (name: string, from: number, to: number) => csvFile(name, `message,topic\n${all.slice(from, to).join('')}`);
  await openPage(page, '?device=wasm');
  await chooseDataset(page, {
    train: part('train.csv', 0, 48),
    validation: part('validation.csv', 48, 60),
    test: part('test.csv', 60, 72),
  });
  await waitUntilReady(page);
  for (const [name, value] of Object.entries(short)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const figures = await downloadFigures(page);
  expect(figures.trainExamples).toBe(48);
  expect(figures.tuned.split).toBe('test');
  expect(figures.tuned.count).toBe(12);
});

test('another label column gives other classes', async ({ page }) => {
  const rows = messages(60).map(({ text, kind }, index) => `"${text}",${kind},${index % 2 === 0 ? 'web' : 'desk'}\n`);
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: csvFile('two_labels.csv', `message,topic,channel\n${rows.join('')}`) });
  await waitUntilReady(page);
  await chooseColumn(page, 'label-column', 'channel');
  await expect(page.getByText('desk', { exact: true }).first()).toBeVisible();
  await chooseColumn(page, 'label-column', 'topic');
  await expect(page.getByText('complaint', { exact: true }).first()).toBeVisible();
  await chooseColumn(page, 'label-column', 'channel');
  await waitUntilReady(page);
  for (const [name, value] of Object.entries({ ...short, max_steps: '2' })) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  expect((await downloadFigures(page)).labels).toEqual(['desk', 'web']);
});

test('a run over the memory limit is refused with its figures, and one button makes it fit', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  for (const [name, value] of Object.entries({
    max_steps: '3',
    eval_steps: '0',
    per_device_train_batch_size: '16',
    fp16: 'true',
  }))
    await changeSetting(page, name, value);
  await waitUntilReady(page);
  await expect(visibleHook(page, 'memory-need')).toContainText(/This run needs \d+ MB of memory.*Weights.*Activations/s);
  await expect(page.getByText('fp16 is for WebGPU').first()).toBeVisible();
  const needed = Number(/needs (\d+) MB/.exec(await visibleHook(page, 'memory-need').innerText())?.[1]);

  await visibleHook(page, 'device-badge').click();
  await hook(page, 'memory-limit').fill(String((needed - 2) / 1000));
  await page.keyboard.press('Escape');
  // What fits when activations are computed again has that by itself, until it is turned off.
  await expect(page.getByText(`instead of ${needed} MB`)).toBeVisible();
  await waitUntilReady(page);
  await changeSetting(page, 'gradient_checkpointing', 'false');
  await expect(visibleHook(page, 'start')).toHaveText('Start needs less memory');
  await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', 'run/too-much-memory');
  await expect(visibleHook(page, 'error')).toContainText(`more than the memory limit of ${needed - 2} MB`);
  await visibleHook(page, 'start').press('Enter');
  await expect(page.locator('#notices')).toBeFocused();

  // The limit is remembered on this device.
  await page.reload();
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  for (const [name, value] of Object.entries({
    max_steps: '3',
    eval_steps: '0',
    per_device_train_batch_size: '16',
    fp16: 'true',
    gradient_checkpointing: 'false',
  }))
    await changeSetting(page, name, value);
  await expect(page.getByRole('button', { name: 'Recompute activations' })).toBeVisible();
  await page.getByRole('button', { name: 'Use batch size 8 with 2 accumulation steps' }).click();
  await waitUntilReady(page);
  await expect(hook(page, 'setting-per_device_train_batch_size').first()).toHaveValue('8');
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  await goTo(page, 'Run');
  await expect(page.getByText('fp16 is for WebGPU').first()).toBeVisible();
  const { settings, steps } = await downloadFigures(page);
  expect(settings).toMatchObject({ perDeviceTrainBatchSize: 8, gradientAccumulationSteps: 2, fp16: false });
  expect(steps).toBe(3);
});

test('a wrong setting is named where it stands, and Start leads to it', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  await changeSetting(page, 'learning_rate', '7');
  await expect(page.getByText(/learning_rate is 7\. The most is 1\./).first()).toBeVisible();
  await expect(visibleHook(page, 'start')).toHaveAttribute('aria-disabled', 'true');
  // It can still be pressed, although it says that it is disabled.
  await visibleHook(page, 'start').press('Enter');
  await expect(hook(page, 'setting-learning_rate').first()).toBeFocused();
  await changeSetting(page, 'learning_rate', '0.001');
  await waitUntilReady(page);
});
