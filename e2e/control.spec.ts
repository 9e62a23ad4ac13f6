import type { Page } from '@playwright/test';
import { chooseDataset } from '../scripts/driveData.mjs';
import { hook, openPage, phaseOf, startRun, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { messagesCsv } from './files';
import { downloadAdapter, downloadFigures, expect, expectConsistent, test } from './support';

test('pause holds the run, resume goes on, stop keeps what is trained', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  for (const [name, value] of Object.entries({ max_steps: '5000', eval_steps: '1000', per_device_train_batch_size: '8' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await expect.poll(() => stepsDone(page), { timeout: 120_000 }).toBeGreaterThan(2);

  await page.getByRole('button', { name: 'Pause' }).first().click();
  await expect.poll(() => phaseOf(page)).toBe('paused');
  await page.waitForTimeout(500);
  const paused = await stepsDone(page);
  await page.waitForTimeout(1500);
  expect(await stepsDone(page)).toBe(paused);

  await page.getByRole('button', { name: 'Continue' }).first().click();
  await expect.poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(paused);

  await page.getByRole('button', { name: 'Stop and keep' }).first().click();
  await waitForEnd(page, { timeoutMs: 120_000 });
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.stopped).toBe(true);
  expect(figures.steps).toBeGreaterThan(paused);
  expect(figures.steps).toBeLessThan(5000);
  expect(Object.keys((await downloadAdapter(page)).files)).toContain('adapter_model.safetensors');
});

test('the base model’s evaluation counts its texts, and Stop ends the run in it', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60), validation: messagesCsv('more.csv', 6000) });
  await waitUntilReady(page);
  await changeSetting(page, 'task', 'prompt');
  await changeSetting(page, 'max_steps', '5');
  await startRun(page);
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress).toContainText(/[1-9][\d,]* of 6,000 validation texts, about .* left/, { timeout: 120_000 });
  expect(await phaseOf(page)).toBe('evaluating-base');
  const bar = page.getByRole('progressbar', { name: 'Texts judged' });
  await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0);

  await page.getByRole('button', { name: 'Stop', exact: true }).first().click();
  await expect.poll(() => phaseOf(page), { timeout: 5000 }).toBe('stopped');
  await expect(hook(page, 'run-phase')).toHaveText('Stopped before the first step');
  await expect(page.getByTestId('error')).toHaveCount(0);

  await page.getByRole('button', { name: 'Back to Prepare' }).first().click();
  await startRun(page);
  await expect.poll(() => phaseOf(page), { timeout: 60_000 }).toBe('evaluating-base');
  await expect(progress).toContainText('of 5');
});

async function stepsDone(page: Page): Promise<number> {
  const gauge = page.locator('dt', { hasText: /^Step$/ }).locator('xpath=following-sibling::dd');
  if ((await gauge.count()) === 0) return 0;
  return Number((await gauge.first().innerText()).replace(/ of .*| of .*/s, '').replaceAll(',', ''));
}
