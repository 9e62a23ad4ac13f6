import type { Page } from '@playwright/test';
import { changeSetting, chooseDataset, openPage, phaseOf, startRun, waitForEnd } from '../scripts/drivePage.mjs';
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

async function stepsDone(page: Page): Promise<number> {
  const gauge = page.locator('dt', { hasText: /^Step$/ }).locator('xpath=following-sibling::dd');
  if ((await gauge.count()) === 0) return 0;
  return Number((await gauge.first().innerText()).replace(/ of .*| of .*/s, '').replaceAll(',', ''));
}
