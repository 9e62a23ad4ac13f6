import type { Page } from '@playwright/test';
import { chooseDataset, takeSample } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { expectAccessibleInBoth, expectNoSideways } from './accessible';
import { messagesCsv } from './files';
import { expect, test } from './support';

const short = { max_steps: '3', eval_steps: '1', per_device_train_batch_size: '6' };

/** Ends on Results, on a small run. */
async function runToEnd(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  for (const [name, value] of Object.entries(short)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
}

/** Leaves the device menu open. */
async function limitMemory(page: Page, gigabytes: string): Promise<void> {
  await visibleHook(page, 'device-badge').click();
  await hook(page, 'memory-limit').fill(gigabytes);
  await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', 'run/too-much-memory');
}

test('every place is accessible in light and dark', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await expect(visibleHook(page, 'use-sample')).toBeVisible();
  await expectAccessibleInBoth(page, 'Prepare, empty');
  await runToEnd(page);
  await goTo(page, 'Results');
  await expect(visibleHook(page, 'download-adapter')).toBeVisible();
  await expectAccessibleInBoth(page, 'Results');
  await goTo(page, 'Run');
  await expectAccessibleInBoth(page, 'Run');
  await goTo(page, 'Prepare');
  await expectAccessibleInBoth(page, 'Prepare, ready');
  await limitMemory(page, '0.03');
  await expectAccessibleInBoth(page, 'Prepare, over the memory limit, with the device menu');
});

test('on a phone nothing lies beside the screen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openPage(page, '?device=wasm');
  await expectNoSideways(page, 'Prepare, empty');
  await runToEnd(page);
  for (const place of ['Results', 'Run', 'Prepare'] as const) {
    await goTo(page, place);
    await expectNoSideways(page, place);
  }
  await limitMemory(page, '0.03');
  await expectNoSideways(page, 'Prepare, over the memory limit');
});

test('the sample is started by keyboard alone', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await expect(visibleHook(page, 'use-sample')).toBeVisible();
  await tabTo(page, 'use-sample');
  await page.keyboard.press('Enter');
  await waitUntilReady(page);
  await tabTo(page, 'text-column');
  await tabTo(page, 'setting-learning_rate');
  await tabTo(page, 'start');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.body.dataset['phase'])).not.toBe('idle');
  await expect(page.getByRole('button', { name: 'Stop and keep' }).first()).toBeVisible({ timeout: 60_000 });
});

/** Presses Tab until the focus is on (or in) what has this name, and fails after the whole page. */
async function tabTo(page: Page, testId: string): Promise<void> {
  for (let presses = 0; presses < 150; presses += 1) {
    const isThere = await page.evaluate((name) => document.activeElement?.closest(`[data-testid="${name}"]`) != null, testId);
    if (isThere) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach “${testId}”.`);
}

test('the sample’s credit and the notice about the processor are readable', async ({ page }) => {
  await openPage(page);
  await takeSample(page);
  await expect(page.getByText(/Casanueva/).first()).toBeVisible();
});
