import type { Page } from '@playwright/test';
import { chooseDataset, takeSample } from '../scripts/driveData.mjs';
import { chooseWay, goTo, hook, openPage, startRun, visibleHook, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { messagesCsv } from './files';
import { expect, test } from './support';
import { tinyLlama } from './tinyLlama';

test('a reload brings back dataset, columns, split and settings', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await changeSetting(page, 'learning_rate', '0.003');
  await waitUntilReady(page);
  await visibleHook(page, 'open-data').click();
  await hook(page, 'setting-clean.lowercase').check();
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'kept');
  await waitUntilReady(page);

  await page.reload();
  await waitUntilReady(page);
  await expect(page.locator('#data')).toContainText('messages.csv');
  await visibleHook(page, 'open-data').click();
  await expect(hook(page, 'setting-clean.lowercase')).toBeChecked();
  await expect(hook(page, 'setting-learning_rate').first()).toHaveValue('0.003');
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'kept');

  // Off deletes it: the next visit is a first one.
  await page.getByLabel('Keep for my next visit').uncheck();
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'off');
  expect(await filesKept(page)).toEqual([]);
  await page.reload();
  await expect(visibleHook(page, 'use-sample')).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem('tunelet-last-visit'))).toBe(null);
});

test('a kept dataset that the browser has cleared or damaged is said, and the page works', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'kept');
  await page.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry('dataset', { recursive: true }));
  await page.reload();
  await expect(page.getByText('messages.csv is no longer on this device')).toBeVisible();
  // Its folder is made anew.
  await takeSample(page);
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'kept');

  await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('dataset');
    const writer = await (await folder.getFileHandle('dataset.json')).createWritable();
    await writer.write('nothing of this kind');
    await writer.close();
  });
  await page.reload();
  await expect(page.getByText('What was kept of the dataset of your last visit is damaged')).toBeVisible();
  await page.reload();
  await takeSample(page);
  await expect(page.getByText('is damaged')).toHaveCount(0);
});

test('data and model chosen while the worker comes up stay, whatever the last visit had', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'kept');
  await page.route(/trainer.worker[^/]*\.js$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await page.reload();
  await chooseDataset(page, { train: messagesCsv('others.csv', 36) });
  await visibleHook(page, 'model-files').click();
  await hook(page, 'file-model').first().setInputFiles(tinyLlama());
  await waitUntilReady(page);
  await expect(page.locator('#data')).toContainText('others.csv');
  await expect(page.locator('#model')).not.toContainText('stays chosen');
  await expect(hook(page, 'keep-data')).toHaveAttribute('data-state', 'kept');
  await page.unroute(/trainer.worker[^/]*\.js$/);
});

function filesKept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('dataset');
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    return names;
  });
}

test('a worker that the browser kills is noticed at once: a new one has the same data and settings, and goes on with the run', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const Original = Worker;
    globalThis.Worker = class extends Original {
      constructor(...values: ConstructorParameters<typeof Original>) {
        super(...values);
        addEventListener('kill-worker', () => this.terminate(), { once: true });
      }
    };
  });
  const kill = () => page.evaluate(() => void dispatchEvent(new Event('kill-worker')));
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  for (const [name, value] of Object.entries({ max_steps: '400', eval_steps: '200', save_steps: '5', learning_rate: '0.003' }))
    await changeSetting(page, name, value);
  await waitUntilReady(page);
  await kill();
  await expect(page.getByText('The part of the page that computes has ended').first()).toBeVisible();
  await waitUntilReady(page);
  await expect(page.locator('#data')).toContainText('messages.csv');
  await expect(hook(page, 'setting-learning_rate').first()).toHaveValue('0.003');

  await startRun(page);
  await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(7);
  await kill();
  await expect(hook(page, 'run-phase')).toHaveAttribute('data-phase', 'failed');
  await expect(hook(page, 'run-phase')).toHaveAttribute('data-phase', 'training', { timeout: 60_000 });
  await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(12);
});

test('a model of dropped files is asked for again, and the settings wait for it', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await chooseWay(page, 'model-files');
  await hook(page, 'file-model').first().setInputFiles(tinyLlama());
  await expect(page.getByText('Attention, in each of 2 blocks')).toBeVisible({ timeout: 30_000 });
  await changeSetting(page, 'max_length', '48');
  await waitUntilReady(page);
  await page.reload();
  await expect(page.getByText('cannot be kept here')).toBeVisible();
  await waitUntilReady(page);
  await expect(page.locator('#data')).toContainText('messages.csv');
  await expect(hook(page, 'setting-max_length').first()).toHaveValue('48');
});

test('a second tab shows the run of the first live and changes nothing; only a tab that trains asks before it is left', async ({
  page,
  context,
}) => {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  for (const [name, value] of Object.entries({ max_steps: '400', eval_steps: '200' })) await changeSetting(page, name, value);
  await waitUntilReady(page);
  const asks = () => page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true })) === false);
  expect(await asks()).toBe(false);
  await startRun(page);
  await expect(hook(page, 'run-phase')).toHaveAttribute('data-phase', 'training', { timeout: 60_000 });
  expect(await asks()).toBe(true);

  const second = await context.newPage();
  await openPage(second, '?device=wasm#run');
  await expect(hook(second, 'other-tab')).toContainText('is training in another tab');
  await expect(hook(second, 'run-phase')).toHaveAttribute('data-phase', 'training');
  await expect(second.getByRole('button', { name: 'Pause' })).toHaveCount(0);
  const before = await stepOf(second);
  await expect.poll(() => stepOf(second)).toBeGreaterThan(before);

  // Taken over, it goes on there from the step at which it was let go, and the first tab follows.
  await hook(second, 'take-over').click();
  await expect(hook(page, 'other-tab')).toContainText('is training in another tab', { timeout: 60_000 });
  await expect(hook(second, 'other-tab')).toHaveCount(0);
  await expect(second.getByRole('button', { name: 'Pause' }).first()).toBeVisible({ timeout: 60_000 });
  const taken = await stepOf(second);
  expect(taken).toBeGreaterThanOrEqual(before);
  await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(taken);
  expect(await asks()).toBe(false);

  await second.getByRole('button', { name: 'Stop and keep' }).first().click();
  await expect(page.getByText('is over in the other tab')).toBeVisible({ timeout: 60_000 });
  await expect(hook(page, 'other-tab')).toHaveCount(0);
  await goTo(page, 'Prepare');
  await waitUntilReady(page);
});

async function stepOf(page: Page): Promise<number> {
  return Number(/(\d+)\s*of 400/.exec(await page.locator('main').innerText())?.[1]);
}
