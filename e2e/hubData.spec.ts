import type { Page } from '@playwright/test';
import { strFromU8 } from 'fflate';
import { chromiumLaunchOptions } from '../scripts/findChromium.mjs';
import { chooseHubDataset, takeSample } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { datasetLaunchArguments, startDatasetHub, type DatasetHub } from './hub/datasetHub';
import { expectLegible } from './accessible';
import { storedText } from './stored';
import { downloadAdapter, downloadFigures, expect, test } from './support';

const launch = chromiumLaunchOptions();
test.use({
  launchOptions: { ...launch, args: [...launch.args, ...datasetLaunchArguments] },
  // Refused and cut answers are what some of these journeys are about; a browser logs each of them.
  expectedProblems:
    /request to another host: https:\/\/(huggingface\.co|datasets-server\.huggingface\.co|cdn-lfs\.hf\.co)\/|Failed to load resource/,
});

let hub: DatasetHub;
test.beforeEach(async () => {
  hub = await startDatasetHub();
});
test.afterEach(() => hub.goAway());

const asked = (path: string) => hub.requests.filter((request) => request.path.startsWith(path));

async function openHubDatasets(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  await hook(page, 'hub-dataset-open').click();
}

async function lookUp(page: Page, id: string): Promise<void> {
  await openHubDatasets(page);
  await hook(page, 'dataset-id').fill(id);
  await hook(page, 'dataset-look-up').click();
}

test('a preset fills in everything, each change can be taken back, and its rows train and are kept', async ({ page }) => {
  await openHubDatasets(page);
  await hook(page, 'preset-SST-2').click();
  const plan = hook(page, 'dataset-plan');
  await expect(plan).toContainText('stanfordnlp/sst2');
  await expect(hook(page, 'dataset-licence')).toHaveText('Licence unknown');
  await expect(plan).toContainText('2 classes: negative, positive.');
  await expect(hook(page, 'dataset-split').filter({ hasText: 'test' }).last()).toContainText('labels kept secret');
  await expect(hook(page, 'split-use-validation')).toHaveValue('test');
  await expect(hook(page, 'split-use-test')).toHaveValue('');
  expect([...asked('/datasets/'), ...asked('/rows')]).toEqual([]);

  const changes = hook(page, 'preset-changes');
  await expect(hook(page, 'preset-max_length')).toContainText('64');
  await hook(page, 'preset-max_length').getByRole('button').click();
  await expect(hook(page, 'preset-max_length')).toBeHidden();
  await expect(hook(page, 'preset-num_train_epochs')).toBeVisible();
  await expect(changes).toContainText('openai-community/gpt2');

  await hook(page, 'dataset-rows').fill('240');
  await expect(hook(page, 'dataset-cost')).toContainText('of Parquet, kept on this device');
  await expect(hook(page, 'dataset-load')).toHaveText('Use 300 rows');
  await hook(page, 'dataset-load').click();
  await expect(hook(page, 'text-column')).toHaveValue('sentence');
  await expect(hook(page, 'label-column')).toHaveValue('label');
  await expect(page.locator('#data')).toContainText('stanfordnlp/sst2');
  expect(asked('/rows')).toEqual([]);

  for (const [name, value] of Object.entries({ max_steps: '3', eval_steps: '0', per_device_train_batch_size: '4' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  const figures = await downloadFigures(page);
  expect([figures.labels, figures.steps, figures.tuned.split, figures.tuned.count]).toEqual([
    ['negative', 'positive'],
    3,
    'test',
    60,
  ]);

  const { files } = await downloadAdapter(page);
  expect(strFromU8(files['README.md'] ?? new Uint8Array())).toContain('datasets:\n- stanfordnlp/sst2\n');

  // Another device starts anew, and has the same rows.
  await goTo(page, 'Prepare');
  await visibleHook(page, 'device-badge').click();
  await hook(page, 'device-auto').click();
  await expect(page.locator('#data')).toContainText('stanfordnlp/sst2', { timeout: 60_000 });
  await expect(page.locator('#data')).toContainText('300 rows');

  await hub.goAway();
  await openHubDatasets(page);
  await hook(page, 'kept-dataset').getByRole('button', { name: 'Look up' }).click();
  await expect(hook(page, 'dataset-from-device')).toBeVisible({ timeout: 60_000 });
  await expect(hook(page, 'dataset-cost')).toContainText('nothing is downloaded');
  await hook(page, 'dataset-load').click();
  await expect(hook(page, 'label-column')).toHaveValue('label');
  await hook(page, 'hub-dataset-open').click();
  await hook(page, 'kept-dataset-delete').click();
  await hook(page, 'kept-dataset-confirm').click();
  await expect(hook(page, 'kept-datasets')).toBeHidden();
});

test('rows come a hundred at a time where there are no files, also from a busy server', async ({ page }) => {
  await lookUp(page, 'https://huggingface.co/datasets/someone/unconverted');
  await expect(hook(page, 'dataset-split')).toContainText('100 rows at a time');
  await hook(page, 'dataset-config').selectOption('short');
  await expect(hook(page, 'dataset-load')).toHaveText('Use 60 rows');
  await hook(page, 'dataset-config').selectOption('default');
  await expect(hook(page, 'dataset-cost')).toContainText('Asks for 3 pages of 100 rows');
  hub.faults.busy = { endpoint: 'rows', status: 429, times: 2, retryAfter: '1' };
  await hook(page, 'dataset-load').click();
  await expect(hook(page, 'dataset-progress')).toContainText('someone/unconverted');
  await expect(hook(page, 'label-column')).toHaveValue('label');
  await expect(page.locator('#data')).toContainText('complaint');
  const offsets = asked('/rows').map(({ query }) => new URLSearchParams(query).get('offset'));
  expect(new Set(offsets)).toEqual(new Set(['0', '100', '200']));
  expect(offsets).toHaveLength(5);
  expect(asked('/datasets/')).toEqual([]);
});

test('the way to the Hub is accessible in light and dark, and fits a phone', async ({ page }) => {
  await openHubDatasets(page);
  await hook(page, 'preset-SST-2').click();
  await hook(page, 'dataset-rows').fill('100');
  await expectLegible(page, 'Dataset of the Hub');
  await hook(page, 'dataset-id').fill('owners/gated-messages');
  await hook(page, 'dataset-look-up').click();
  await expect(visibleHook(page, 'error')).toContainText('asks for access first');
  await expectLegible(page, 'Dataset that asks for access');
});

test('scripts choose a dataset as a user does', async ({ page }) => {
  await openPage(page, '?device=wasm');
  const numbers = { id: 'someone/unconverted', config: 'short', label: 'idx' };
  // Every row has a number of its own.
  await expect(chooseHubDataset(page, numbers)).rejects.toMatchObject({ code: 'data/too-many-classes' });
  await hook(page, 'hub-dataset-leave').click();
  await chooseHubDataset(page, { id: 'someone/unconverted', config: 'short', rows: '40' });
  await expect(page.locator('#data')).toContainText('40 rows');
  await expect(page.locator('#data')).toContainText('someone/unconverted, short');
});

test('a gated dataset asks for a token, which is kept nowhere', async ({ page }) => {
  await lookUp(page, 'owners/gated-messages');
  const gate = visibleHook(page, 'error');
  await expect(gate).toContainText('gated-messages asks for access first');
  await hook(page, 'dataset-token').fill('hf_ofSomebody');
  await hook(page, 'dataset-token-use').click();
  await expect(gate).toContainText('has no access yet');
  await hook(page, 'dataset-token').fill('hf_mayRead');
  await hook(page, 'dataset-token-use').click();
  await expect(hook(page, 'dataset-plan')).toContainText('Its owners grant access');
  await hook(page, 'dataset-load').click();
  await expect(hook(page, 'label-column')).toHaveValue('label');
  const elsewhere = hub.requests.filter(({ host }) => host.startsWith('cdn-lfs'));
  expect(elsewhere.length).toBeGreaterThan(0);
  for (const { authorization } of elsewhere) expect(authorization).toBeUndefined();
  expect(await storedText(page)).not.toContain('hf_mayRead');
});

test('a dataset that is not there is said, and the one before stays', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  await hook(page, 'hub-dataset-open').click();
  await hook(page, 'dataset-id').fill('someone/nothing');
  await hook(page, 'dataset-look-up').click();
  const error = visibleHook(page, 'error');
  await expect(error).toHaveAttribute('data-code', 'hub/not-found');
  await expect(error).toContainText('The Hub shows no dataset named someone/nothing');
  await hub.goAway();
  await hook(page, 'dataset-id').fill('someone/unconverted');
  await hook(page, 'dataset-look-up').click();
  await expect(error).toHaveAttribute('data-code', 'hub/offline', { timeout: 60_000 });
  await hook(page, 'hub-dataset-leave').click();
  await expect(page.locator('#data')).toContainText('1,303');
});

test('a download that is cancelled leaves no error, and goes on where it was', async ({ page }) => {
  hub.fileFaults.bytesPerSecond = 400;
  await openHubDatasets(page);
  await hook(page, 'preset-SST-2').click();
  await hook(page, 'dataset-load').click();
  await expect(hook(page, 'dataset-progress')).toContainText('a second');
  await hook(page, 'dataset-cancel').click();
  await expect(hook(page, 'dataset-load')).toBeVisible();
  await expect(visibleHook(page, 'error')).toHaveCount(0);
  delete hub.fileFaults.bytesPerSecond;
  await hook(page, 'dataset-load').click();
  await expect(hook(page, 'label-column')).toHaveValue('label');
  expect(asked('/large/').some(({ range }) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
});
