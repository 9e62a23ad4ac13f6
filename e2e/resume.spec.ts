import type { Page } from '@playwright/test';
import { chooseDataset } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, phaseOf, startRun, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { messagesCsv } from './files';
import { downloadAdapter, expect, expectConsistent, downloadFigures, test } from './support';

const settings = { max_steps: '60', eval_steps: '20', per_device_train_batch_size: '4', save_steps: '5' };

async function prepare(page: Page): Promise<void> {
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  for (const [name, value] of Object.entries(settings)) await changeSetting(page, name, value);
}

/** What training_log.json says of every step. */
async function losses(page: Page): Promise<unknown> {
  const { files } = await downloadAdapter(page);
  const log: unknown = JSON.parse(new TextDecoder().decode(files['training_log.json']));
  return typeof log === 'object' && log !== null && 'steps' in log ? log.steps : null;
}

async function stepsDone(page: Page): Promise<number> {
  const gauge = page.locator('dt', { hasText: /^Step$/ }).locator('xpath=following-sibling::dd');
  if ((await gauge.count()) === 0) return 0;
  return Number((await gauge.first().innerText()).replace(/ of .*/s, '').replaceAll(',', ''));
}

test('a reloaded page brings the run back, and it ends as one that was never cut off', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await prepare(page);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  const whole = { losses: await losses(page), figures: await downloadFigures(page) };
  expectConsistent(whole.figures);

  await goTo(page, 'Prepare');
  await startRun(page);
  await expect.poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(12);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();

  await goTo(page, 'Prepare');
  const card = page.getByTestId('resume-card');
  await expect(card).toContainText('of 60', { timeout: 30_000 });
  const resume = card.getByRole('button', { name: 'Continue' });
  await expect(resume).toBeEnabled({ timeout: 30_000 });
  await resume.click();
  await expect(hook(page, 'run-phase')).toContainText(/Training, resumed at step \d+/, { timeout: 60_000 });
  await waitForEnd(page, { timeoutMs: 120_000 });
  expect(await losses(page)).toEqual(whole.losses);
  const figures = await downloadFigures(page);
  expect(figures.tuned).toEqual(whole.figures.tuned);
  await goTo(page, 'Prepare');
  await expect(card).toHaveCount(0);
});

test('a pause is saved on this device, and a run that was left can be discarded', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await prepare(page);
  await changeSetting(page, 'max_steps', '5000');
  await startRun(page);
  await expect.poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Pause' }).first().click();
  await expect.poll(() => phaseOf(page)).toBe('paused');
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress).toContainText('Saved on this device. Close the tab if you like.');
  await expect(progress).toContainText(/Saved\s*\d\d:\d\d:\d\d/);

  await page.reload();
  await goTo(page, 'Prepare');
  const card = page.getByTestId('resume-card');
  await expect(card).toContainText('of 5,000', { timeout: 30_000 });
  await card.getByRole('button', { name: 'Discard' }).click();
  await card.getByRole('button', { name: 'Keep it' }).click();
  await expect(card).toContainText('of 5,000');
  await card.getByRole('button', { name: 'Discard' }).click();
  await card.getByRole('button', { name: 'Discard for good' }).click();
  await expect(card).toHaveCount(0);
  await page.reload();
  await waitUntilReady(page);
  await expect(card).toHaveCount(0);
});
