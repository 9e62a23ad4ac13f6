import type { Page } from '@playwright/test';
import { changeSetting, chooseDataset, hook, openPage, takeSample, visibleHook, waitUntilReady } from '../scripts/drivePage.mjs';
import { messagesCsv } from './files';
import { expect, test } from './support';

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

function filesKept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('dataset');
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    return names;
  });
}
