import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { takeSample } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { downloadFigures, expect, expectConsistent, test } from './support';

test('a run is taken to a cluster before its first step, and an adapter comes back', async ({ page }) => {
  await openPage(page);
  await takeSample(page);
  await changeSetting(page, 'lora_dropout', '0');
  await waitUntilReady(page);
  const download = page.waitForEvent('download');
  await visibleHook(page, 'download-cluster').click();
  const taken = await download;
  expect(taken.suggestedFilename()).toMatch(/^nano-gpt2-on-.*-cluster\.zip$/);
  const files = unzipSync(await readFile(await taken.path()));
  for (const name of [
    'train.py', 'rows.py', 'judge.py', 'checkpoints.py', 'train.slurm', 'requirements.txt', 'README.md', 'run.json', 'data/train.jsonl',
    'data/validation.jsonl', 'data/test.jsonl', 'adapter/adapter_config.json', 'base/config.json', 'base/tokenizer.json', 'base/model.safetensors',
  ]) {
    expect(files[name]?.length ?? 0, name).toBeGreaterThan(0);
  } // prettier-ignore
  const text = (name: string): string => strFromU8(files[name] ?? new Uint8Array());
  const run: unknown = JSON.parse(text('run.json'));
  expect(run).toMatchObject({
    task: 'head',
    base: { name: 'nano-gpt2', folder: 'base' },
    settings: { lora_dropout: 0, seed: 42 },
  });
  expect(text('data/test.jsonl').trim().split('\n')).toHaveLength(320);

  // As train.py hands it back, but for what it would have learnt.
  const adapter = zipSync({
    'adapter_config.json': files['adapter/adapter_config.json'] ?? new Uint8Array(),
    'adapter_model.safetensors': files['adapter/adapter_model.safetensors'] ?? new Uint8Array(),
    'training_log.json': files['run.json'] ?? new Uint8Array(),
  });
  await hook(page, 'file-adapter').setInputFiles({
    name: 'adapter.zip',
    mimeType: 'application/zip',
    buffer: Buffer.from(adapter),
  });
  await expect(hook(page, 'adapter-summary')).toContainText('card_arrival');
  await visibleHook(page, 'evaluate-adapter').click();
  await waitForEnd(page, { timeoutMs: 60_000 });
  await goTo(page, 'Results');
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.origin).toBe('import');
  // Nothing is learnt at step 0.
  expect(figures.tuned.confusion).toEqual(figures.base.confusion);
});
