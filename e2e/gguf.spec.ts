import type { Page } from '@playwright/test';
import { readSafetensors } from '../workers/files/safetensorsData';
import { takeSample } from '../scripts/driveData.mjs';
import { chooseWay, goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import type { MadeFile } from './files';
import { downloadAdapter, downloadFigures, expect, expectConsistent, test } from './support';
import { quantisedLlama, wordlessLlama } from './tinyLlama';

/** Lets go of a file over an element, as a hand does. */
async function dropFile(page: Page, selector: string, { name, buffer }: MadeFile): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, base64]) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64 ?? ''), (letter) => letter.charCodeAt(0));
      data.items.add(new File([content], fileName ?? ''));
      return data;
    },
    [name, buffer.toString('base64')],
  );
  await page.dispatchEvent(selector, 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent(selector, 'drop', { dataTransfer: transfer });
}

test('a dropped GGUF file trains and gives an adapter', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  await chooseWay(page, 'model-files');
  await dropFile(page, '.files-drop', quantisedLlama());
  await expect(page.getByText('llama-tiny-lm.Q8_0 is ready.')).toBeAttached();
  await expect(hook(page, 'weights-in-memory')).toContainText('With this data and these settings.');
  // The way that is open stays so, with another place between.
  await chooseWay(page, 'model-hub');
  await goTo(page, 'Runs');
  await goTo(page, 'Prepare');
  await expect(hook(page, 'model-hub')).toBeChecked();
  await chooseWay(page, 'model-files');
  for (const [name, value] of Object.entries({ max_steps: '30', eval_steps: '0', max_length: '64' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect([figures.modelName, figures.steps]).toEqual(['llama-tiny-lm.Q8_0', 30]);

  const { files } = await downloadAdapter(page);
  const config: unknown = JSON.parse(Buffer.from(files['adapter_config.json'] ?? []).toString());
  expect(config).toMatchObject({ target_modules: expect.arrayContaining(['q_proj', 'v_proj']), peft_type: 'LORA' });
  const { tensors } = readSafetensors(files['adapter_model.safetensors'] ?? new Uint8Array());
  const trained = [...tensors].filter(([name]) => name.includes('lora_B'));
  expect(trained.map(([, { shape }]) => shape.at(-1))).toEqual([8, 8, 8, 8]);
  // Untrained they are nothing but zeros.
  for (const [name, { values }] of trained) expect(Math.max(...values.map(Math.abs)), name).toBeGreaterThan(1e-4);
});

test('a dropped GGUF file whose vocabulary has no letters keeps the run from starting until another model is chosen', async ({
  page,
}) => {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  await chooseWay(page, 'model-files');
  await dropFile(page, '.files-drop', wordlessLlama());
  await expect(page.getByRole('alert')).toContainText('has no token for anything in the training texts');
  await expect(visibleHook(page, 'start')).toHaveAttribute('data-state', 'blocked');
  await chooseWay(page, 'model-embedded');
  await expect(page.getByRole('alert')).toBeHidden();
  await waitUntilReady(page);
});
