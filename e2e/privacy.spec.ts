import { hubListener } from '../workers/testing/hubServer';
import { hubHosts } from '../scripts/securityPolicy';
import { chooseDataset } from '../scripts/driveData.mjs';
import { chooseWay, goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import type { Page } from '@playwright/test';
import { csvFile, messages } from './files';
import { nano, nanoFiles } from './hub/hubHost';
import { test as base } from './hub/recordedTest';
import type { Recorded } from './hub/recordingProxy';
import { storedText } from './stored';
import { downloadAdapter, downloadFigures, expect } from './support';

const model = 'someone/nano';
const token = 'hf_mayRead';

const test = base.extend({
  playedHosts: async ({ baseURL: _ }, provide) => {
    const { listener } = hubListener({
      files: new Map(nanoFiles.map((name) => [`${model}/${name}`, nano(name)])),
      gated: [model],
      token,
      largeFilesAt: 'https://cdn-lfs.hf.co',
    });
    await provide({ 'huggingface.co': listener, 'cdn-lfs.hf.co': listener });
  },
});

/** Words that stand nowhere but in what the user gives. */
const secrets = {
  file: 'ledgerofsecrets',
  column: 'whispercolumn',
  label: 'zaphodlabel',
  text: 'quokkacanary',
  typed: 'axolotlsentence',
};

function secretData() {
  const rows = messages(60).map(({ text, kind }) => `"${text} ${secrets.text}",${kind} ${secrets.label}\n`);
  return csvFile(`${secrets.file}.csv`, `${secrets.column},topic\n${rows.join('')}`);
}

async function trainAndAsk(page: Page): Promise<void> {
  await chooseDataset(page, { train: secretData() });
  await waitUntilReady(page);
  for (const [name, value] of Object.entries({ max_steps: '3', eval_steps: '2', per_device_train_batch_size: '6' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  await goTo(page, 'Results');
  await visibleHook(page, 'playground-text').fill(`the tram is an ${secrets.typed}`);
  await expect(page.getByText(/\d+\sms on both models/)).toBeVisible();
  const figures = await downloadFigures(page);
  expect(figures.labels.every((label) => label.includes(secrets.label))).toBe(true);
  await downloadAdapter(page);
  await goTo(page, 'Run');
  // What is sent late, as by a timer or a beacon, is sent by then.
  await page.waitForTimeout(1000);
}

/** No request has a body, and no part of one holds a word of the user's, however a URL writes it. */
function expectNothingTold(requests: readonly Recorded[]): void {
  expect(requests.filter(({ method, body }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) || body !== '')).toEqual([]);
  const sent = requests.map(({ path, headers }) => `${path}\n${decodeURIComponent(path)}\n${headers}`.toLowerCase());
  const coded = Object.values(secrets).flatMap((word) => [word, Buffer.from(word).toString('hex'), ...inBase64(word)]);
  const told = sent.filter((text) => coded.some((word) => text.includes(word.toLowerCase())));
  expect(told).toEqual([]);
}

/** What a word becomes within a longer text, wherever in the text it stands. */
function inBase64(word: string): string[] {
  return [0, 1, 2].map((before) =>
    Buffer.from(' '.repeat(before) + word)
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  );
}

const hostsOf = (requests: readonly Recorded[]) => [...new Set(requests.map(({ host }) => host))].sort();

test('with data of one’s own, from the file to the adapter, only the page’s own host is contacted', async ({
  page,
  recorder,
  baseURL,
}) => {
  await openPage(page, '?device=wasm');
  await trainAndAsk(page);
  expect(hostsOf(recorder.requests)).toEqual([new URL(baseURL ?? '').host]);
  const paths = recorder.requests.map(({ path }) => path);
  expect(
    paths.filter((path) => /trainer\.worker|model\.safetensors/.test(path)).length,
    'the worker’s requests too',
  ).toBeGreaterThan(1);
  expect(paths.filter((path) => path.includes('?') && path !== '/?device=wasm')).toEqual([]);
  expectNothingTold(recorder.requests);
});

test('with a model of the Hub, the Hub hears its name and the token, its storage no token, and nobody anything else', async ({
  page,
  recorder,
  baseURL,
}) => {
  await openPage(page, '?device=wasm');
  const closed = visibleHook(page, 'open-model');
  await expect(closed.or(hook(page, 'model-hub'))).toBeVisible();
  if (await closed.isVisible()) await closed.click();
  await chooseWay(page, 'model-hub');
  await hook(page, 'hub-id').fill(model);
  await hook(page, 'hub-load').click();
  await hook(page, 'hub-token-open').click();
  await hook(page, 'hub-token').fill(token);
  await hook(page, 'hub-token-use').click();
  await hook(page, 'hub-download').click();
  await expect(hook(page, 'kept-row')).toContainText('ready, also offline');
  await trainAndAsk(page);

  const { requests } = recorder;
  expect(hostsOf(requests)).toEqual(['cdn-lfs.hf.co', 'huggingface.co', new URL(baseURL ?? '').host]);
  expectNothingTold(requests);
  const withToken = requests.filter(({ headers, path }) => headers.includes(token) || path.includes(token));
  expect(hostsOf(withToken)).toEqual(['huggingface.co']);
  const named = requests.filter(({ host }) => host === 'huggingface.co').map(({ path }) => decodeURIComponent(path));
  expect(named.filter((path) => !path.includes(model) && !/^\/api\/models\?.*search=/.test(path))).toEqual([]);

  const stored = await storedText(page);
  expect(stored, 'what was read is what is stored').toContain(model);
  expect(stored, 'the token is stored nowhere').not.toContain(token);
});

test('the page names whom it may contact, and that the browser blocks all others', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await hook(page, 'privacy').click();
  await expect(hook(page, 'enforcement')).toContainText('it blocks requests to any host but this page’s own and those below');
  const note = await hook(page, 'privacy-note').innerText();
  for (const host of hubHosts)
    expect(note).toContain(host.replace(/^https:\/\/(\*\.)?/, '').replace(/^cdn-lfs-.*?\./, 'cdn-lfs.'));
});
