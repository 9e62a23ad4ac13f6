import { strFromU8 } from 'fflate';
import { takeSample } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { downloadAdapter, downloadFigures, expect, expectConsistent, test } from './support';

const sampleLabels = [
  'Refund_not_showing_up',
  'age_limit',
  'card_arrival',
  'change_pin',
  'exchange_rate',
  'lost_or_stolen_card',
  'top_up_failed',
  'verify_my_identity',
];

test('the sample with the page’s own settings: what PyTorch reaches, in about the same time', async ({ page }) => {
  test.setTimeout(400_000);
  await openPage(page);
  await takeSample(page);
  await expect(page.getByText(/CC BY 4\.0/).first()).toBeVisible();
  await expect(page.getByText('lost_or_stolen_card').first()).toBeVisible();
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 360_000 });

  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect([...figures.labels].sort()).toEqual([...sampleLabels].sort());
  expect(figures.tuned.split).toBe('test');
  expect(figures.tuned.count).toBe(320);
  expect(figures.base.accuracy).toBeLessThan(0.35);
  expect(figures.tuned.accuracy).toBeGreaterThanOrEqual(0.9);
  expect(figures.tuned.macro.f1).toBeGreaterThanOrEqual(0.9);
});

test('an adapter downloaded today gives the same evaluation another day', async ({ page, context }) => {
  await openPage(page);
  await takeSample(page);
  for (const [name, value] of Object.entries({ max_steps: '16', eval_steps: '8', per_device_train_batch_size: '8' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const before = await downloadFigures(page);
  expectConsistent(before);
  expect(before.steps).toBe(16);
  expect(before.tuned.loss).toBeLessThan(before.base.loss);

  const adapter = await downloadAdapter(page);
  expect(adapter.name).toMatch(/\.zip$/);
  const names = Object.keys(adapter.files);
  for (const name of ['adapter_config.json', 'adapter_model.safetensors', 'README.md', 'tokenizer.json', 'training_log.json']) {
    expect(names).toContain(name);
  }
  const config: unknown = JSON.parse(strFromU8(adapter.files['adapter_config.json'] ?? new Uint8Array()));
  expect(config).toMatchObject({
    peft_type: 'LORA',
    task_type: 'SEQ_CLS',
    r: 8,
    lora_alpha: 16,
    target_modules: ['c_attn'],
    fan_in_fan_out: true,
  });
  const log: unknown = JSON.parse(strFromU8(adapter.files['training_log.json'] ?? new Uint8Array()));
  expect(log).toMatchObject({ labels: before.labels });

  await page.close();
  const another = await context.newPage();
  await openPage(another);
  await waitUntilReady(another);
  await expect(hook(another, 'file-adapter').first()).toBeEnabled();
  await hook(another, 'file-adapter')
    .first()
    .setInputFiles({ name: adapter.name, mimeType: 'application/zip', buffer: adapter.zip });
  await visibleHook(another, 'evaluate-adapter').click();
  await expect(visibleHook(another, 'download-metrics')).toBeVisible({ timeout: 120_000 });
  const after = await downloadFigures(another);
  expect(after.origin).toBe('import');
  expect(after.labels).toEqual(before.labels);
  expect(after.tuned.confusion).toEqual(before.tuned.confusion);
  expect(after.base.confusion).toEqual(before.base.confusion);
  expect(Math.abs(after.tuned.loss - before.tuned.loss)).toBeLessThan(1e-4);
});

test('a typed sentence is read by both models', async ({ page }) => {
  await openPage(page);
  await takeSample(page);
  for (const [name, value] of Object.entries({ max_steps: '4', eval_steps: '0', per_device_train_batch_size: '8' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  await goTo(page, 'Results');
  await visibleHook(page, 'playground-text').fill('someone took my card, please block it');
  await expect(page.getByText(/\d+\sms on both models/)).toBeVisible();
  const panel = page.getByRole('textbox', { name: 'Sentence' }).locator('xpath=..');
  await expect(panel).toContainText('Base: ');
  await expect(panel).toContainText('Tuned: ');
});
