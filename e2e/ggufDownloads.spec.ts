import type { Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { chooseDataset } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { parseGgufHeader, type GgufHeader } from '../workers/files/gguf';
import type { ModelFormat } from '../workers/api/trainerApi';
import { csvFile } from './files';
import { bytesOf, expect, test } from './support';
import { tinyLlama } from './tinyLlama';

const labels = ['a "b": <i>c</i>', '# d: e'];
const cells = (...values: string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
const rows = Array.from({ length: 30 }, (_, row) =>
  cells(`The train of ${row} past noon went to line ${row % 2}`, labels[row % 2] ?? ''),
);
const table = [cells('# x: y', 'is "it": <u>z</u>'), ...rows].join('\n');

const settings = {
  task: 'prompt',
  prompt_template: 'Text "{text}"\nKind: {label}',
  max_steps: '2',
  eval_steps: '0',
  per_device_train_batch_size: '4',
  max_length: '128',
  max_new_tokens: '4',
};

interface Taken {
  zip: string;
  /** Those that are no GGUF. */
  texts: Record<string, string>;
  gguf: string;
  header: GgufHeader;
}

/** Chooses a format as a user does and opens what comes. */
async function take(page: Page, format: ModelFormat): Promise<Taken> {
  await hook(page, `format-${format}`).check();
  const coming = page.waitForEvent('download');
  await hook(page, 'download-merged').click();
  const download = await coming;
  const files = Object.entries(unzipSync(await bytesOf(download)));
  const [gguf, bytes] = files.find(([name]) => name.endsWith('.gguf')) ?? ['', new Uint8Array()];
  const header = parseGgufHeader(bytes, bytes.length, gguf);
  if (!header) throw new Error(`${gguf} is cut off.`);
  const texts = files.filter(([name]) => name !== gguf).map(([name, held]) => [name, strFromU8(held)]);
  return { zip: download.suggestedFilename(), texts: Object.fromEntries(texts), gguf, header };
}

/** As the page shows them for a program. */
async function linesFor(page: Page, tool: string): Promise<string> {
  await page
    .getByLabel(/^Program for the/)
    .getByText(tool, { exact: true })
    .click();
  return (await hook(page, 'usage-lines').last().innerText()).trim();
}

test('a run by prompt on data with names like markup leaves as GGUF, with the lines that use each file', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
  await chooseDataset(page, { train: csvFile('kinds.csv', table) });
  const mistral = { model_type: 'mistral', architectures: ['MistralForCausalLM'], sliding_window: 128 };
  await hook(page, 'file-model').first().setInputFiles(tinyLlama(1, mistral));
  await expect(page.getByText('dropped model is ready.')).toBeAttached();
  for (const [name, value] of Object.entries(settings)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 60_000 });
  await goTo(page, 'Results');
  await expect(hook(page, 'matrices').locator('thead').first()).toContainText(labels[0] ?? '');
  await page.getByText('Merged model, GGUF', { exact: true }).click();
  await expect(hook(page, 'format-gguf-f16')).toBeEnabled();

  const adapter = await take(page, 'gguf-adapter');
  expect([adapter.zip, adapter.gguf]).toEqual(['dropped-model-on-kinds-adapter-gguf.zip', 'dropped-model-on-kinds-adapter.gguf']);
  expect(Object.fromEntries(adapter.header.metadata)).toEqual({
    'general.type': 'adapter',
    'general.architecture': 'llama',
    'general.name': 'dropped model on kinds',
    'adapter.type': 'lora',
    'adapter.lora.alpha': 16,
  });
  const host = ['blk.0.attn_q.weight', 'blk.0.attn_v.weight'];
  expect(adapter.header.tensors.map(({ name }) => name).sort()).toEqual(
    host.flatMap((name) => [`${name}.lora_a`, `${name}.lora_b`]),
  );
  const command = await linesFor(page, 'llama.cpp');
  expect(command).toContain(`-m dropped-model-f16.gguf --lora ${adapter.gguf} `);
  expect(adapter.texts['README.md']).toContain(command);
  expect(await linesFor(page, 'Python')).toContain(`Llama("dropped-model-f16.gguf", lora_path="${adapter.gguf}"`);
  expect(await linesFor(page, 'Ollama')).toContain('ollama create dropped-model-on-kinds -f Modelfile\n');
  expect(adapter.texts['Modelfile']).toMatch(
    /^FROM \.\/dropped-model-f16\.gguf\nADAPTER \.\/dropped-model-on-kinds-adapter\.gguf\n/,
  );

  const merged = [await take(page, 'gguf-f16'), await take(page, 'gguf-q8_0')];
  for (const [at, { gguf, header, texts }] of merged.entries()) {
    const type = at === 0 ? 'F16' : 'Q8_0';
    expect(gguf).toBe(`dropped-model-on-kinds-${type.toLowerCase()}.gguf`);
    expect(Object.fromEntries(header.metadata)).toMatchObject({
      'general.type': 'model',
      'general.architecture': 'llama',
      'general.file_type': at === 0 ? 1 : 7,
      'llama.block_count': 1,
      'llama.attention.sliding_window': 128,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.eos_token_id': 258,
      'tokenizer.chat_template': expect.stringContaining('<|im_start|>'),
    });
    const types = new Map(header.tensors.map((tensor) => [tensor.name, tensor.type.name]));
    expect([...types.keys()]).toEqual(expect.arrayContaining(['token_embd.weight', 'output_norm.weight', ...host]));
    expect([types.get('blk.0.attn_q.weight'), types.get('output_norm.weight')]).toEqual([type, 'F32']);
    // The prompt as the run's chat format has it, which ends where the answer begins.
    expect(texts['Modelfile']).toContain(
      'TEMPLATE """<|im_start|>user\nText {{ "\\x22" }}{{ .Prompt }}"\nKind:<|im_end|>\n<|im_start|>assistant\n"""\n',
    );
    expect(texts['README.md']).toContain('looks at the last 128 tokens');
  }
  expect(await linesFor(page, 'llama.cpp')).toContain('-m dropped-model-on-kinds-q8_0.gguf -c ');
  await expect(hook(page, 'format-note')).toContainText('looks at the last 128 tokens');

  await page.getByText('Model card', { exact: true }).click();
  await expect(visibleHook(page, 'model-card')).toHaveValue(/`a "b": <i>c<\/i>`/);
  await expect(visibleHook(page, 'model-card')).toHaveValue(/Columns: text `# x: y`, label `is "it": <u>z<\/u>`/);
  expect(await page.locator('i:text-is("c"), u:text-is("z")').count()).toBe(0);
});
