import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import {
  hostileGguf,
  hostileSafetensors,
  safetensorsFile,
  type Hostile,
  type SoundModel,
} from '../workers/testing/hostileModels';
import { chooseDataset } from '../scripts/driveData.mjs';
import { chooseWay, hook, openPage, visibleHook, waitUntilReady } from '../scripts/drivePage.mjs';
import { expectAccessible } from './accessible';
import { messagesCsv, type MadeFile } from './files';
import { expect, test } from './support';
import { tinyLlama } from './tinyLlama';

const markup = '<img src=x onerror="document.title=`taken over`">';
const read = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../workers/testing/fixtures/reference/${path}`, import.meta.url)));
const sound: SoundModel = {
  config: read('llama-tiny-lm/config.json'),
  weights: read('llama-tiny-lm/model.safetensors'),
  gguf: read('quant/llama-tiny-lm.Q4_0.gguf'),
};

const made = (name: string, content: Uint8Array | string): MadeFile => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});

function filesOf(table: Record<string, Hostile>, what: string): MadeFile[] {
  const hostile = table[what];
  if (!hostile) throw new Error(`There is no file with ${what}.`);
  return [...hostile.files()].map(([name, content]) => made(name, content));
}

const withFile = (file: MadeFile): MadeFile[] => [...tinyLlama().filter(({ name }) => name !== file.name), file];
const header = JSON.stringify({ [markup]: { dtype: markup, shape: [1], data_offsets: [0, 4] } });
const loops = { eos_token: '<|im_end|>', chat_template: '{% for i in range(10**9) %}x{% endfor %}' };

const cases: { what: string; files: MadeFile[]; code: string; words: string }[] = [
  { what: '2^60 tensors', files: filesOf(hostileGguf(sound), '2^60 tensors'), code: 'model/bad-gguf', words: 'number of tensors is 1152921504606846976' },
  { what: 'tensors that overlap', files: filesOf(hostileSafetensors(sound), 'tensors that overlap'), code: 'model/bad-safetensors', words: 'overlaps the tensor before it' },
  { what: 'a tensor named by markup', files: withFile(made('model.safetensors', safetensorsFile(header, 4))), code: 'model/bad-safetensors', words: `tensor “${markup}” has the type` },
  { what: 'a template that loops', files: withFile(made('tokenizer_config.json', JSON.stringify(loops))), code: 'model/bad-tokenizer', words: 'counts to 1000000000' },
  { what: 'a million layers', files: withFile(made('config.json', Buffer.from(sound.config).toString().replace('"num_hidden_layers": 2', '"num_hidden_layers": 1000000'))), code: 'model/bad-config', words: 'num_hidden_layers is 1000000' },
]; // prettier-ignore

async function giveModel(page: Page, files: MadeFile[]): Promise<void> {
  await hook(page, 'file-model').first().setInputFiles(files);
}

test('hostile models are refused in words, one after the other, and the model before them stays in use', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('good.csv', 60) });
  await waitUntilReady(page);
  await chooseWay(page, 'model-files');
  for (const { what, files, code, words } of cases) {
    const startedMs = Date.now();
    await giveModel(page, files);
    const error = visibleHook(page, 'error');
    await expect(error, what).toHaveAttribute('data-code', code);
    await expect(error, what).toContainText(words);
    // The page's own part of it included.
    expect(Date.now() - startedMs, what).toBeLessThan(4000);
    await expect(page.getByText('nano-gpt2 stays chosen.')).toBeVisible();
    await expect(visibleHook(page, 'start')).toHaveAttribute('data-state', 'ready');
    // The page answers.
    expect(await page.evaluate(() => [document.title.includes('taken over'), document.querySelectorAll('img').length])).toEqual([
      false,
      0,
    ]);
  }
  await expectAccessible(page, 'a model that was refused');
  await giveModel(page, tinyLlama());
  await expect(page.getByText('dropped model is ready.')).toBeAttached();
  await expect(visibleHook(page, 'error')).toHaveCount(0);
});

test('an adapter with markup for labels shows it as text; a pickle is refused, and the adapter stays', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('good.csv', 60) });
  await giveModel(page, tinyLlama());
  await expect(page.getByText('dropped model is ready.')).toBeAttached();
  const adapter = ['adapter_config.json', 'adapter_model.safetensors'].map((name) =>
    made(name, read(`llama-tiny-cls/adapter/${name}`)),
  );
  const labels = [markup, '<b>two</b>', '</script>three'];
  const input = hook(page, 'file-adapter').first();
  await expect(input).toBeEnabled();
  await input.setInputFiles([...adapter, made('training_log.json', JSON.stringify({ labels }))]);
  await expect(hook(page, 'adapter-summary')).toContainText(labels.join(', '));
  await input.setInputFiles([adapter[0]!, made('adapter_model.bin', '\x80\x02}q')]);
  await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', 'adapter/missing-file');
  await expect(visibleHook(page, 'error')).toContainText('is a pickle, which can run code as it is read');
  await expect(hook(page, 'adapter-summary')).toContainText(labels.join(', '));
  expect(await page.evaluate(() => [document.title.includes('taken over'), document.querySelectorAll('img').length])).toEqual([
    false,
    0,
  ]);
});
