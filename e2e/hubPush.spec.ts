import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { chooseDataset } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { chromiumLaunchOptions } from '../scripts/findChromium.mjs';
import { hubListener } from '../workers/testing/hubServer';
import { HubUploads } from '../workers/testing/hubUploads';
import { expectAccessibleInBoth } from './accessible';
import { csvFile, messages } from './files';
import { recordingLaunchArguments, startRecordingProxy, type RecordingProxy } from './hub/recordingProxy';
import { downloadAdapter, expect, test as base } from './support';

const storage = 'cas-server.xethub.hf.co';
const canary = 'quokkacanary';

/** The browser's way to the Hub and to its storage of chunks ends at the proxy, which plays both. */
const test = base.extend<{ uploads: HubUploads; recorder: RecordingProxy }>({
  uploads: async ({ baseURL: _ }, provide) => {
    const accounts = {
      hf_mayWrite: { name: 'someone', organisations: ['our-team'], role: 'write' },
      hf_mayRead: { name: 'someone', organisations: [], role: 'read' },
    } as const;
    await provide(new HubUploads({ accounts, transfer: 'xet', storage: `https://${storage}` }));
  },
  recorder: async ({ uploads }, provide) => {
    const { listener } = hubListener({ files: new Map(), uploads });
    const recorder = await startRecordingProxy({ 'huggingface.co': listener, [storage]: listener });
    await provide(recorder);
    await recorder.close();
  },
  proxy: async ({ recorder }, provide) => provide({ server: recorder.server }),
});
const launch = chromiumLaunchOptions();
test.use({
  launchOptions: { ...launch, args: [...launch.args, ...recordingLaunchArguments] },
  expectedProblems: /request to another host: https:\/\/(huggingface\.co|cas-server\.xethub\.hf\.co)\/|Failed to load resource/,
});

async function train(page: Page): Promise<void> {
  const rows = messages(60).map(({ text, kind }) => `"${text} ${canary}",${kind}\n`);
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: csvFile('messages.csv', `note,topic\n${rows.join('')}`) });
  await waitUntilReady(page);
  for (const [name, value] of Object.entries({ max_steps: '3', eval_steps: '2', per_device_train_batch_size: '6' }))
    await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  await goTo(page, 'Results');
}

test('an adapter with an edited card goes into a private repository, and no text of the user’s with it', async ({
  page,
  uploads,
  recorder,
}) => {
  await train(page);
  await page.getByText('Model card', { exact: true }).click();
  const card = hook(page, 'model-card');
  await expect(card).toHaveValue(/^---\n[\s\S]*model-index/);
  await card.fill((await card.inputValue()).replace(/\n## Limits/, '\nReviewed by our team.\n\n## Limits'));
  await expect(page.getByText('Changed by you.')).toBeVisible();
  const adapter = await downloadAdapter(page);
  expect(Buffer.from(adapter.files['README.md'] ?? []).toString()).toContain('Reviewed by our team.');

  const part = hook(page, 'push');
  await part.getByText('Push to the Hub', { exact: true }).click();
  await hook(page, 'push-token').fill('hf_mayRead');
  await hook(page, 'push-token-use').click();
  await hook(page, 'push-plan').click();
  await expect(part.getByText(/may only read/)).toBeVisible();
  await hook(page, 'push-token-forget').click();
  await hook(page, 'push-token').fill('hf_mayWrite');
  await hook(page, 'push-token-use').click();
  await expect(part.getByText('As someone.')).toBeVisible();

  await hook(page, 'push-repository').fill('../up');
  await hook(page, 'push-plan').click();
  await expect(part.getByText(/cannot be the name of a repository/)).toBeVisible();
  await hook(page, 'push-repository').fill('our-team/sorted-messages');
  await hook(page, 'push-plan').click();
  await expect(hook(page, 'push-files')).toContainText('adapter_model.safetensors');
  await expectAccessibleInBoth(page, 'What would be pushed');
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
});

test('a merged model is pushed, and a second push adds a commit', async ({ page, uploads }) => {
  await train(page);
  const part = hook(page, 'push');
  await part.getByText('Push to the Hub', { exact: true }).click();
  await hook(page, 'push-token').fill('hf_mayWrite');
  await hook(page, 'push-token-use').click();
  await part.getByText('Merged, float16').click();
  await hook(page, 'push-repository').fill('merged');
  await hook(page, 'push-private').uncheck();
  for (const button of [/Make someone\/merged and push/, /Push to someone\/merged/]) {
    await hook(page, 'push-plan').click();
    await part.getByRole('button', { name: button }).click();
    await expect(hook(page, 'push-link')).toBeVisible({ timeout: 60_000 });
    await hook(page, 'push-repository').fill('merged ');
  }
  const repository = uploads.repositories.get('someone/merged');
  expect(repository).toMatchObject({ isPrivate: false });
  expect(repository?.titles).toHaveLength(2);
  expect([...(repository?.files.keys() ?? [])]).toEqual(
    expect.arrayContaining(['README.md', 'config.json', 'model.safetensors']),
  );
  expect(await visibleHook(page, 'error').count()).toBe(0);
});
