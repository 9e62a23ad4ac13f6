import { createHash } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { chooseDataset } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { hubListener } from '../workers/testing/hubServer';
import { HubUploads } from '../workers/testing/hubUploads';
import { expectAccessibleInBoth } from './accessible';
import { csvFile, messages, type MadeFile } from './files';
import { test as base } from './hub/recordedTest';
import { storedText } from './stored';
import { bytesOf, downloadAdapter, expect } from './support';
import { tinyLlama } from './tinyLlama';

const storage = 'cas-server.xethub.hf.co';
const canary = 'quokkacanary';

/** The browser's way to the Hub and to its storage of chunks ends at the proxy, which plays both. */
const test = base.extend<{ uploads: HubUploads }>({
  uploads: async ({ baseURL: _ }, provide) => {
    const accounts = {
      hf_mayWrite: { name: 'someone', organisations: ['our-team'], role: 'write' },
      hf_mayRead: { name: 'someone', organisations: [], role: 'read' },
    } as const;
    await provide(new HubUploads({ accounts, transfer: 'xet', storage: `https://${storage}` }));
  },
  playedHosts: async ({ uploads }, provide) => {
    const { listener } = hubListener({ files: new Map(), uploads });
    await provide({ 'huggingface.co': listener, [storage]: listener });
  },
});

const short = { max_steps: '3', eval_steps: '2', per_device_train_batch_size: '6' };

/** The embedded model, or one of the user's files. */
async function train(page: Page, settings: Record<string, string> = short, model: MadeFile[] | null = null): Promise<void> {
  const rows = messages(60).map(({ text, kind }) => `"${text} ${canary}",${kind}\n`);
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: csvFile('messages.csv', `note,topic\n${rows.join('')}`) });
  if (model) {
    await hook(page, 'file-model').first().setInputFiles(model);
    await expect(page.getByText('dropped model is ready.')).toBeAttached();
  }
  await waitUntilReady(page);
  for (const [name, value] of Object.entries(settings)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  await goTo(page, 'Results');
}

async function openPush(page: Page): Promise<Locator> {
  const part = hook(page, 'push');
  await part.locator('summary').click();
  return part;
}

async function giveToken(page: Page, token: string): Promise<void> {
  await hook(page, 'push-token').fill(token);
  await hook(page, 'push-token-use').click();
}

test('an adapter with an edited card goes into a private repository, and no text of the user’s with it', async ({
  page,
  uploads,
  recorder,
}) => {
  const logged: string[] = [];
  page.context().on('console', (message) => logged.push(message.text()));
  await train(page);
  await page.getByText('Model card', { exact: true }).click();
  const card = hook(page, 'model-card');
  await expect(card).toHaveValue(/^---\n[\s\S]*model-index/);
  await card.fill((await card.inputValue()).replace(/\n## Limits/, '\nReviewed by our team.\n\n## Limits'));
  await expect(page.getByText('Changed by you.')).toBeVisible();
  const adapter = await downloadAdapter(page);
  expect(Buffer.from(adapter.files['README.md'] ?? []).toString()).toContain('Reviewed by our team.');

  const part = await openPush(page);
  await giveToken(page, 'hf_unknown');
  await expect(part.getByText(/does not accept the token/)).toBeVisible();
  await giveToken(page, 'hf_mayRead');
  await hook(page, 'push-plan').click();
  await expect(part.getByText(/may only read/)).toBeVisible();
  await hook(page, 'push-token-forget').click();
  await giveToken(page, 'hf_mayWrite');
  await expect(part.getByText('As someone.')).toBeVisible();

  await expect(hook(page, 'push-private')).toBeChecked();
  await hook(page, 'push-repository').fill('../up');
  await hook(page, 'push-plan').click();
  await expect(part.getByText(/cannot be the name of a repository/)).toBeVisible();
  await hook(page, 'push-repository').fill('our-team/sorted-messages');
  await hook(page, 'push-plan').click();
  await expect(hook(page, 'push-files')).toContainText('adapter_model.safetensors');
  await expectAccessibleInBoth(page, 'What would be pushed');
  await expect(hook(page, 'push-start')).toHaveText('Make a private repository and push');
  await hook(page, 'push-start').click();
  await expect(hook(page, 'push-link')).toHaveAttribute('href', 'https://huggingface.co/our-team/sorted-messages');

  const repository = uploads.repositories.get('our-team/sorted-messages');
  expect(repository).toMatchObject({ isPrivate: true, titles: ['Add the adapter, trained in a browser with Tunelet'] });
  expect([...(repository?.files.keys() ?? [])].sort()).toEqual(Object.keys(adapter.files).sort());
  const weights = Buffer.from(adapter.files['adapter_model.safetensors'] ?? []);
  expect(repository?.oids.get('adapter_model.safetensors')).toBe(createHash('sha256').update(weights).digest('hex'));
  expect(uploads.chunkBytes).toBeGreaterThan(10_000);
  expect(Buffer.from(repository?.files.get('README.md') ?? []).toString()).toContain('Reviewed by our team.');
  const contents = [...(repository?.files.values() ?? [])].map((bytes) => Buffer.from(bytes ?? []).toString());
  expect(contents.filter((text) => text.includes(canary))).toEqual([]);
  const told = recorder.requests.filter(({ host, headers }) => host === storage && headers.includes('hf_mayWrite'));
  expect(told).toEqual([]);

  const stored = await storedText(page);
  expect(stored, 'what was read is what is stored').toContain(canary);
  expect(stored, 'the token is stored nowhere').not.toContain('hf_mayWrite');
  await page.reload();
  await goTo(page, 'Runs');
  await page.getByRole('button', { name: 'Run 1: open its results' }).click();
  await openPush(page);
  await expect(hook(page, 'push-token')).toBeVisible();
  await expect(hook(page, 'push-same-token')).toHaveCount(0);
  expect(logged.filter((text) => text.includes('hf_'))).toEqual([]);
});

test('a merged model is pushed past a name that is taken, a connection that breaks and a stop; a second push adds a commit', async ({
  page,
  uploads,
}) => {
  await train(page);
  const part = await openPush(page);
  await giveToken(page, 'hf_mayWrite');
  await part.getByText('Merged model', { exact: true }).click();
  await hook(page, 'push-private').uncheck();

  uploads.hidden.add('someone/taken');
  await hook(page, 'push-repository').fill('taken');
  await hook(page, 'push-plan').click();
  await part.getByRole('button', { name: 'Make a public repository and push' }).click();
  await expect(part.getByText(/The name someone\/taken is taken/)).toBeVisible({ timeout: 60_000 });

  await hook(page, 'push-repository').fill('merged');
  await expect(part.getByText(/is taken/)).toHaveCount(0);
  await hook(page, 'push-plan').click();
  uploads.uploadFault = 'cut';
  await hook(page, 'push-start').click();
  await expect(part.getByText(/could not be reached while pushing someone\/merged/)).toBeVisible({ timeout: 60_000 });
  await expect(part.getByText(/Check the connection and push again/)).toBeVisible();
  expect(uploads.repositories.get('someone/merged')?.titles).toEqual([]);

  uploads.uploadFault = 'silent';
  await hook(page, 'push-start').click();
  await expect(hook(page, 'pushing')).toContainText(/Uploading: [\d.]+ .B of [\d.]+ MB/, { timeout: 60_000 });
  await hook(page, 'push-stop').click();
  await expect(hook(page, 'push-start')).toBeVisible();
  await expect(part.locator('[data-testid="error"]')).toHaveCount(0);

  uploads.uploadFault = null;
  await hook(page, 'push-start').click();
  await expect(hook(page, 'push-link')).toBeVisible({ timeout: 60_000 });
  await hook(page, 'push-repository').fill('merged ');
  await hook(page, 'push-plan').click();
  await expect(hook(page, 'push-files')).toContainText('someone/merged is there already');
  await part.getByRole('button', { name: 'Push a new commit' }).click();
  await expect(hook(page, 'push-link')).toBeVisible({ timeout: 60_000 });

  const repository = uploads.repositories.get('someone/merged');
  expect(repository).toMatchObject({ isPrivate: false });
  expect(repository?.titles).toHaveLength(2);
  expect([...(repository?.files.keys() ?? [])]).toEqual(
    expect.arrayContaining(['README.md', 'config.json', 'model.safetensors']),
  );
  expect(await visibleHook(page, 'error').count()).toBe(0);
});

test('a model by prompt is pushed as GGUF, with a card for those who run it', async ({ page, uploads }) => {
  const prompted = { task: 'prompt', max_steps: '2', eval_steps: '0', max_length: '128', max_new_tokens: '2' };
  await train(page, prompted, tinyLlama(1));
  const part = await openPush(page);
  await giveToken(page, 'hf_mayWrite');
  await part.getByText('Merged GGUF', { exact: true }).click();
  await part.getByText('Q8_0', { exact: true }).click();
  await hook(page, 'push-repository').fill('small');
  await hook(page, 'push-plan').click();
  await expect(hook(page, 'push-files').locator('th')).toHaveText([
    'README.md',
    'Modelfile',
    'dropped-model-on-messages-q8_0.gguf',
  ]);
  await expectAccessibleInBoth(page, 'A GGUF file to be pushed');
  await hook(page, 'push-start').click();
  await expect(hook(page, 'push-link')).toHaveAttribute('href', 'https://huggingface.co/someone/small', { timeout: 60_000 });

  const { files, oids, titles } = uploads.repositories.get('someone/small') ?? { files: new Map(), oids: new Map(), titles: [] };
  expect(titles).toEqual(['Add the merged model as GGUF, trained in a browser with Tunelet']);
  const text = (name: string) => Buffer.from(files.get(name) ?? []).toString();
  for (const words of [
    '\nlibrary_name: gguf\n',
    '\n- llama.cpp\n',
    '\nmodel-index:\n',
    '\nllama-completion -m dropped-model-on-messages-q8_0.gguf ',
  ])
    expect(text('README.md')).toContain(words);
  expect(text('Modelfile')).toMatch(/^FROM \.\/dropped-model-on-messages-q8_0\.gguf\nTEMPLATE/);

  await page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
  await page.getByText('Merged model, GGUF', { exact: true }).click();
  await hook(page, 'format-gguf-q8_0').check();
  const coming = page.waitForEvent('download');
  await hook(page, 'download-merged').click();
  const downloaded = unzipSync(await bytesOf(await coming))['dropped-model-on-messages-q8_0.gguf'] ?? new Uint8Array();
  const checksum = createHash('sha256').update(downloaded).digest('hex');
  expect(oids.get('dropped-model-on-messages-q8_0.gguf')).toBe(checksum);
});
