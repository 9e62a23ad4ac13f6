import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { chooseDataset, takeSample } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { expectAccessible } from './accessible';
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
    'train.py', 'model.py', 'rows.py', 'judge.py', 'checkpoints.py', 'accelerate/fsdp.yaml', 'train.slurm', 'requirements.txt', 'README.md', 'run.json', 'data/train.jsonl',
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

test('a run of an earlier visit is taken to a cluster, once its data are loaded again', async ({ page }) => {
  const kinds = ['card', 'cash', 'transfer'];
  const table = (name: string, rows: number): { name: string; mimeType: string; buffer: Buffer } => {
    const lines = Array.from({ length: rows }, (_, row) => `My ${kinds[row % 3]} number ${row} is late,${kinds[row % 3]}`);
    return { name, mimeType: 'text/csv', buffer: Buffer.from(['text,label', ...lines].join('\n')) };
  };
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: table('letters.csv', 90) });
  const short = { max_steps: '4', eval_steps: '4', per_device_train_batch_size: '6', lora_dropout: '0' };
  for (const [name, value] of Object.entries(short)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });

  await page.reload();
  await goTo(page, 'Prepare');
  await chooseDataset(page, { train: table('others.csv', 120) });
  await waitUntilReady(page);
  await goTo(page, 'Runs');
  await hook(page, 'run-1-more').click();
  await hook(page, 'run-1-cluster').click();
  const way = hook(page, 'cluster');
  await expect(way).toContainText('they are taken from letters.csv, which must be loaded on Prepare');
  await expect(way.locator('summary')).toBeInViewport();
  await expect(way.locator('summary')).toBeFocused();
  await visibleHook(page, 'download-cluster').click();
  const error = way.locator('[data-testid="error"]');
  await expect(error).toContainText('This one learned from letters.csv: 90 rows, of them 72 for training');
  await expect(error).toContainText('What is loaded now, others.csv, has other rows.');
  await expect(error).toContainText('Load letters.csv on Prepare once more');
  // Scrolled, the bar may lie over a part of some control.
  await page.evaluate(() => scrollTo(0, 0));
  await expectAccessible(page, 'Results, a cluster refused');

  await goTo(page, 'Prepare');
  await chooseDataset(page, { train: table('letters.csv', 90) });
  await waitUntilReady(page);
  await goTo(page, 'Results');
  await way.locator('summary').click();
  const download = page.waitForEvent('download');
  await visibleHook(page, 'download-cluster').click();
  const files = unzipSync(await readFile(await (await download).path()));
  const text = (name: string): string => strFromU8(files[name] ?? new Uint8Array());
  expect(JSON.parse(text('run.json'))).toMatchObject({ settings: { max_steps: 4, lora_dropout: 0 }, adapter: 'initial' });
  expect(text('data/train.jsonl').trim().split('\n')).toHaveLength(72);
  await expect(error).toHaveCount(0);
});
