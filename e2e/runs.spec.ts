import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { takeSample } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { expectAccessible, expectNoSideways } from './accessible';
import { expect, test } from './support';

const short = { max_steps: '6', eval_steps: '2', per_device_train_batch_size: '8' };

async function train(page: Page, settings: Record<string, string>): Promise<void> {
  await goTo(page, 'Prepare');
  for (const [name, value] of Object.entries(settings)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
}

async function readyOnProcessor(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  await waitUntilReady(page);
}

test('runs are kept, compared, opened again after a reload, renamed, exported, deleted, imported and continued', async ({
  page,
}) => {
  test.setTimeout(300_000);
  await openPage(page, '?device=wasm#runs');
  await expect(page.getByRole('heading', { name: 'No runs yet' })).toBeVisible();
  await expectAccessible(page, 'Runs, empty');

  await readyOnProcessor(page);
  await train(page, short);
  await train(page, { learning_rate: '8e-3' });
  await goTo(page, 'Runs');
  await expect(page.getByRole('link', { name: 'Runs 2' })).toHaveAttribute('aria-current', 'page');
  await expect(hook(page, 'run-2')).toContainText('learning_rate');
  await expect(hook(page, 'run-2')).toContainText('8e-3');
  await expect(hook(page, 'run-1')).toContainText('First run: nano-gpt2');
  await expect(hook(page, 'runs-kept')).toContainText('2 runs, kept on this device.');

  await page.getByRole('checkbox', { name: 'Compare run 1' }).click();
  await page.getByRole('checkbox', { name: 'Compare run 2' }).click();
  await expect(page.getByRole('heading', { name: 'Run 2 beside run 1' })).toBeVisible();
  await expect(hook(page, 'compared-on')).toContainText(/On the same \d+ test texts/);
  const differs = hook(page, 'what-differs');
  await expect(differs).toContainText('learning_rate');
  await expect(differs).toContainText('95 % interval');
  await expect(differs).toContainText('Only this one is right on');
  await expect(hook(page, 'disagreements').locator('tbody tr').first()).toBeVisible();
  await expectAccessible(page, 'Runs, two compared');
  if (process.env['SHOTS']) await shots(page, 'pair');
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    // Charts take their new width a frame later.
    await expect(() => expectNoSideways(page, `Runs at ${width}`)).toPass({ timeout: 5000 });
  }
  await page.setViewportSize({ width: 1280, height: 900 });

  await page.reload();
  await expect(hook(page, 'run-2')).toBeVisible();
  await page.getByRole('button', { name: 'Run 1: open its results' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Run 1');
  await expect(hook(page, 'slices')).toContainText('texts');
  await expectAccessible(page, 'Results of a run opened again');
  // Its base model is chosen, so that it can be merged as on its first day.
  await page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
  await hook(page, 'merged').locator('summary').click();
  const merged = page.waitForEvent('download');
  await hook(page, 'download-merged').click();
  expect((await merged).suggestedFilename()).toBe('nano-gpt2-on-bank-messages-merged.zip');
  await goTo(page, 'Run');
  await expect(hook(page, 'opened-run')).toHaveText('Run 1, opened from Runs');
  await expect(page.getByRole('img', { name: /^Loss over steps/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Learning rate over steps/ })).toBeVisible();
  // The base model, and every second of six steps.
  await expect(hook(page, 'opened-evaluations').locator('tbody tr')).toHaveCount(4);
  await expectAccessible(page, 'Run, one opened again');

  await goTo(page, 'Runs');
  await hook(page, 'run-1-more').click();
  await hook(page, 'run-1-name').fill('The slow one');
  await hook(page, 'run-1-rename').click();
  await expect(hook(page, 'run-1')).toContainText('The slow one');
  await expectAccessible(page, 'Runs, one open');
  if (process.env['SHOTS']) await shots(page, 'open');
  await page.setViewportSize({ width: 1280, height: 900 });

  const download = page.waitForEvent('download');
  await hook(page, 'export-runs').click();
  const exported = await download;
  expect(exported.suggestedFilename()).toBe('tunelet-runs.zip');
  const file = await readFile(await exported.path());
  const usedBytes = await bytesUsed(page);
  await hook(page, 'run-1-delete').click();
  await hook(page, 'run-1-confirm').click();
  await expect(hook(page, 'run-1')).toHaveCount(0);
  expect(await bytesUsed(page)).toBeLessThan(0.6 * usedBytes);
  await hook(page, 'file-runs').setInputFiles({
    name: 'tunelet-runs.zip',
    mimeType: 'application/zip',
    buffer: file,
  });
  await expect(hook(page, 'run-1')).toContainText('The slow one');
  await expect(hook(page, 'announcement')).toContainText('1 run imported, 1 run known already.');

  await hook(page, 'run-1-more').click();
  await hook(page, 'run-1-continue').click();
  await expect(hook(page, 'adapter-summary')).toBeVisible();
  await waitUntilReady(page);
  await visibleHook(page, 'continue-adapter').click();
  await waitForEnd(page, { timeoutMs: 120_000 });
  await goTo(page, 'Runs');
  // The settings of run 1, so that run 2, the one before it, had another rate.
  await expect(hook(page, 'run-3')).toContainText('continued from run 1');
  await expect(hook(page, 'run-3')).toContainText('learning_rate');
});

/** As the place says it: "2 runs, kept on this device. 1.4 MB." */
async function bytesUsed(page: Page): Promise<number> {
  const told = /([\d.]+) (KB|MB)\./.exec(await hook(page, 'runs-kept').innerText());
  return Number(told?.[1]) * (told?.[2] === 'MB' ? 1e6 : 1e3);
}

async function shots(page: Page, name: string): Promise<void> {
  const folder = process.env['SHOTS'] ?? '';
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const theme of ['light', 'dark']) {
      await page.screenshot({ path: `${folder}/runs-${name}-${width}-${theme}.png`, fullPage: true });
      await hook(page, 'theme').click();
    }
  }
}
