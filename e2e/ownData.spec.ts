import {
  changeSetting,
  chooseColumn,
  chooseDataset,
  hook,
  openPage,
  startRun,
  visibleHook,
  waitForEnd,
  waitUntilReady,
} from '../scripts/drivePage.mjs';
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
