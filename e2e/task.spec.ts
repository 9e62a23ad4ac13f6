import type { Page } from '@playwright/test';
import { strFromU8 } from 'fflate';
import { chooseDataset } from '../scripts/driveData.mjs';
import { chooseWay, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { expectLegible } from './accessible';
import { messagesCsv } from './files';
import { downloadAdapter, downloadFigures, expect, test } from './support';
import { tinyLlama } from './tinyLlama';

const words = { complaint: 'cross', praise: 'glad', question: 'asks' };

async function dropLlama(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  await chooseWay(page, 'model-files');
  await hook(page, 'file-model').first().setInputFiles(tinyLlama());
  await expect(page.getByText('Attention, in each of 2 blocks')).toBeVisible({ timeout: 30_000 });
}

test('by prompt: a row as the model sees it, words for the labels, and layers to pick', async ({ page }) => {
  test.setTimeout(240_000);
  await dropLlama(page);
  await page.getByRole('radio', { name: /Classification by prompt/ }).check();
  await changeSetting(page, 'system_text', 'Sort messages of passengers.');
  await changeSetting(page, 'prompt_template', 'Message: {text}\n{label}');
  await changeSetting(page, 'max_length', '200');

  const tokens = hook(page, 'row-tokens');
  await expect(tokens).toContainText('<|im_start|>system');
  await expect(tokens.locator('.on').last()).toHaveText('<|im_end|>');
  await changeSetting(page, 'label_words', JSON.stringify({ ...words, praise: 'cross' }));
  await expect(page.getByText('have the same word, “cross”').first()).toBeVisible();
  await expect(visibleHook(page, 'start')).toHaveAttribute('aria-disabled', 'true');
  await changeSetting(page, 'label_words', JSON.stringify(words));
  await expect(hook(page, 'setting-label_words').getByRole('row', { name: /praise/ })).toContainText('glad');

  const preview = hook(page, 'row-preview');
  const answers = [];
  for (const row of [1, 2, 3]) {
    await expect(preview.getByRole('heading')).toHaveText(`Text ${row} as the model sees it`);
    await expect(preview).toHaveAttribute('aria-busy', 'false');
    answers.push((await tokens.locator('.on').allInnerTexts()).join(''));
    await expect(tokens.locator('.fill')).toHaveCount(1);
    await preview.getByRole('button', { name: 'Next text' }).click();
  }
  for (const answer of answers) expect(Object.values(words).map((word) => `${word}<|im_end|>`)).toContain(answer);

  const layer = (name: string) => hook(page, `layer-self_attn.${name}`);
  await expect(layer('q_proj')).toHaveAttribute('aria-pressed', 'true');
  // Rank 8 on 64 to 32 numbers, in two blocks.
  await expect(layer('k_proj')).toContainText('1,536');
  await layer('q_proj').click();
  await layer('k_proj').click();
  await changeSetting(page, 'layers_to_transform', '1');
  await expect(layer('k_proj')).toContainText('768');

  for (const [name, value] of Object.entries({ max_steps: '60', eval_steps: '20', per_device_train_batch_size: '4' }))
    await changeSetting(page, name, value);
  await changeSetting(page, 'predict_with_generate', 'false');
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 200_000 });
  const figures = await downloadFigures(page);
  expect(figures.settings).toMatchObject({ task: 'prompt', labelWords: words, layersToTransform: [1] });
  expect(figures.written).toBeNull();
  const { files } = await downloadAdapter(page);
  expect(JSON.parse(strFromU8(files['adapter_config.json'] ?? new Uint8Array()))).toMatchObject({
    target_modules: ['k_proj', 'v_proj'],
    layers_to_transform: [1],
  });
});

test('layers by a pattern: how many it matches, and what is wrong with it', async ({ page }) => {
  await dropLlama(page);
  await page.getByText('Pattern', { exact: true }).click();
  const field = hook(page, 'setting-target_modules');
  await expect(field).toHaveValue(String.raw`.*\.(q_proj|v_proj)`);
  await expect(page.getByText('Matches 4 of 14 layers')).toBeVisible();
  await field.fill('.*[');
  await expect(page.getByText('is not understood').first()).toBeVisible();
  await field.fill('nothing.*');
  await expect(page.getByText('matches none of this model’s 14 layers').first()).toBeVisible();
  await field.fill('gate_proj, up_proj');
  await expect(page.getByText('Matches 4 of 14 layers')).toBeVisible();
  await page.getByText('all-linear', { exact: true }).click();
  await expect(page.getByText('Every linear layer but the head: 14 layers')).toBeVisible();
  await changeSetting(page, 'layers_to_transform', '0');
  await expect(page.getByText('goes with modules by name').first()).toBeVisible();
});

test('each task is accessible in light and dark, and lies within a phone', async ({ page }) => {
  await dropLlama(page);
  for (const task of ['prompt', 'text', 'head']) {
    await changeSetting(page, 'task', task);
    await expect(hook(page, 'row-preview')).toHaveAttribute('aria-busy', 'false');
    await expect(hook(page, 'row-tokens')).toBeVisible();
    await expectLegible(page, task);
  }
});

test('data without labels leave plain text alone, and say why', async ({ page }) => {
  await openPage(page, '?device=wasm');
  const text = Array.from({ length: 40 }, (_, index) => `The ferry of ${index} o'clock was late.`).join('\n\n');
  await chooseDataset(page, { train: { name: 'logbook.txt', mimeType: 'text/plain', buffer: Buffer.from(text) } });
  await waitUntilReady(page);
  await expect(page.getByRole('radio', { name: /Classification head/ })).toBeDisabled();
  await expect(page.getByText('Needs labels, and these data are texts alone.').first()).toBeVisible();
  await expect(hook(page, 'row-preview').getByRole('heading')).toHaveText('Block 1 as the model sees it');
  await expect(hook(page, 'row-tokens').locator('.on').first()).toBeVisible();
});
