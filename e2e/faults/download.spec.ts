import type { Page } from '@playwright/test';
import { takeSample } from '../../scripts/driveData.mjs';
import { hook, startRun, visibleHook, waitForEnd, waitUntilReady } from '../../scripts/drivePage.mjs';
import { changeSetting } from '../../scripts/driveSettings.mjs';
import { nano, startHubHost, type HubHost } from '../hub/hubHost';
import { keptRow, lookUp, openHubPart, requestsOfWeights, rows, withHub } from '../hub/hubPage';
import { storedText } from '../stored';
import { downloadFigures, expect, test } from '../support';

test.use(withHub);

const weightBytes = nano('model.safetensors').length;
let hub: HubHost;
test.beforeEach(async () => {
  hub = await startHubHost();
});
test.afterEach(() => hub.goAway());

/** Of the bytes of the weights. */
const ofWeights = () => requestsOfWeights(hub);

test('a model is downloaded, cut off at half, resumed after a reload, and used without the Hub', async ({ page }) => {
  hub.faults.cutAtByte = weightBytes / 2;
  await lookUp(page, 'https://huggingface.co/someone/nano');
  const plan = hook(page, 'hub-plan');
  await expect(plan).toContainText('model.safetensors');
  await expect(plan).toContainText('11 MB');
  await expect(plan).toContainText('Apache 2.0');
  await expect(hook(page, 'hub-download')).toHaveText('Download 11 MB');
  expect(ofWeights()).toEqual([]);
  await hook(page, 'hub-download').click();
  await expect(hook(page, 'download-progress')).toContainText('of 11 MB');
  await expect.poll(() => ofWeights().length, { timeout: 20_000 }).toBeGreaterThan(1);

  delete hub.faults.cutAtByte;
  hub.faults.bytesPerSecond = 4_000_000;
  await hub.goAway();
  await openHubPart(page);
  await expect(keptRow(page)).toContainText(/cut off at [45]\d\s%/);
  await hub.comeBack();
  const before = ofWeights().length;
  await keptRow(page).getByTestId('kept-use').click();
  await expect(hook(page, 'download-progress')).toContainText(/MB a second, \d s left/);
  await expect(keptRow(page)).toContainText('ready, also offline');
  const [resumed, ...others] = ofWeights().slice(before);
  expect(others).toEqual([]);
  expect(Number(/^bytes=(\d+)-$/.exec(resumed?.range ?? '')?.[1])).toBeGreaterThan(weightBytes * 0.4);
  expect(resumed?.ifRange).toMatch(/^"[0-9a-f]{64}"$/);

  await hub.goAway();
  const asked = hub.requests.length;
  await openHubPart(page);
  // The choice came back with the page.
  await expect(page.getByRole('radio', { name: /^someone\/nano/ })).toBeChecked();
  await expect(hook(page, 'hub-from-device')).toBeVisible();
  await takeSample(page);
  for (const [name, value] of Object.entries({ max_steps: '2', eval_steps: '0', per_device_train_batch_size: '4' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  const figures = await downloadFigures(page);
  expect([figures.modelName, figures.steps, hub.requests.length]).toEqual(['someone/nano', 2, asked]);
});

test('a wrong byte is refused by name and removed; what is kept is deleted', async ({ page }) => {
  hub.faults.wrongByteAt = weightBytes - 1000;
  await lookUp(page, 'someone/nano');
  await hook(page, 'hub-download').click();
  const error = visibleHook(page, 'error');
  await expect(error).toHaveAttribute('data-code', 'hub/corrupted');
  await expect(error).toContainText('model.safetensors of someone/nano arrived damaged');
  await expect(keptRow(page)).toContainText(/weights not here|cut off at \d\s%/);

  delete hub.faults.wrongByteAt;
  await hook(page, 'hub-download').click();
  await expect(keptRow(page)).toContainText('ready, also offline');
  await expect(hook(page, 'hub-download')).toBeHidden();
  expect(ofWeights().at(-1)?.range).toBeUndefined();

  await hook(page, 'kept-delete').click();
  await hook(page, 'kept-confirm').click();
  await expect(hook(page, 'kept-models')).toBeHidden();
  await expect(hook(page, 'hub-download')).toHaveText('Download 11 MB');
});

test('a gated model asks for a token, which is kept nowhere', async ({ page }) => {
  await lookUp(page, 'owners/gated-nano');
  const gate = visibleHook(page, 'error');
  await expect(gate).toContainText('gated-nano asks for access first');
  await expect(gate).toContainText('Until then nano-gpt2 stays chosen.');
  await hook(page, 'hub-token-open').click();
  await hook(page, 'hub-token').fill('not a token');
  await hook(page, 'hub-token-use').click();
  await expect(gate).toContainText('must start with hf_');
  await hook(page, 'hub-token').fill('hf_ofSomebody');
  await hook(page, 'hub-token-use').click();
  await expect(gate).toContainText('has no access yet');
  await hook(page, 'hub-token').fill('hf_mayRead');
  await hook(page, 'hub-token-use').click();
  await expect(hook(page, 'hub-download')).toBeVisible();
  await hook(page, 'hub-download').click();
  await expect(keptRow(page)).toContainText('ready, also offline');

  const large = hub.requests.filter(({ host }) => host.startsWith('cdn-lfs'));
  expect(large.length).toBeGreaterThan(0);
  for (const { authorization } of large) expect(authorization).toBeUndefined();
  expect(await storedText(page)).not.toContain('hf_mayRead');
});

test('a busy Hub and one that is gone are said, and the search is asked again', async ({ page }) => {
  await openHubPart(page);
  hub.faults.busy = { status: 429, times: 1 };
  await hook(page, 'hub-id').fill('nano');
  const error = hook(page, 'hub-search-error');
  await expect(error).toContainText('Wait a minute and try again.');
  await hub.goAway();
  await error.getByRole('button', { name: 'Search again' }).click();
  await expect(error).toContainText('huggingface.co could not be reached');
  await hub.comeBack();
  await error.getByRole('button', { name: 'Search again' }).click();
  await expect(rows(page)).toHaveCount(5);
  await hook(page, 'hub-id').fill('no such model');
  await expect(hook(page, 'hub-nothing')).toContainText('“no such model”');
});

test('what does not fit on the disk is said, and what came of it stays', async ({ page, context }) => {
  await lookUp(page, 'someone/nano');
  await expect(hook(page, 'hub-download')).toBeVisible();
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 6_000_000 });
  await hook(page, 'hub-download').click();
  const error = visibleHook(page, 'error');
  await expect(error).toHaveAttribute('data-code', 'storage/quota');
  await expect(error).toContainText('model.safetensors of someone/nano does not fit in what the browser lets this page keep');
  await expect(keptRow(page)).toContainText(/cut off at \d\d\s%/);
});

/** A download of the weights that broke off near half, after which the page was opened again. */
async function cutAtHalf(page: Page): Promise<void> {
  hub.faults.cutAtByte = weightBytes / 2;
  await lookUp(page, 'someone/nano');
  await hook(page, 'hub-download').click();
  await expect.poll(() => ofWeights().length, { timeout: 20_000 }).toBeGreaterThan(1);
  delete hub.faults.cutAtByte;
  await openHubPart(page);
  await expect(keptRow(page)).toContainText(/cut off at [45]\d\s%/);
}

test('a host that answers 200 where 206 was asked for is read from the first byte', async ({ page }) => {
  await cutAtHalf(page);
  hub.faults.withoutRange = true;
  const before = ofWeights().length;
  await keptRow(page).getByTestId('kept-use').click();
  await expect(keptRow(page)).toContainText('ready, also offline');
  expect(ofWeights()[before]?.range, 'the rest was asked for').toMatch(/^bytes=\d{7}-$/);
});

test('a file whose ETag has changed meanwhile is not joined to its old half', async ({ page }) => {
  await cutAtHalf(page);
  hub.faults.tag = '"another"';
  await keptRow(page).getByTestId('kept-use').click();
  await expect(keptRow(page)).toContainText('ready, also offline');
  expect(ofWeights().at(-1)?.ifRange).toMatch(/^"[0-9a-f]{64}"$/);
});

test('offline, missing and overloaded are each said, and dataset and settings stay', async ({ page, context }) => {
  await openHubPart(page);
  await takeSample(page);
  await changeSetting(page, 'num_train_epochs', '7');
  const ask = async (id: string) => {
    await hook(page, 'hub-id').fill(id);
    await hook(page, 'hub-load').click();
  };
  const error = visibleHook(page, 'error');

  await context.setOffline(true);
  await ask('someone/nano');
  await expect(error).toHaveAttribute('data-code', 'page/part-missing');
  await expect(error).toContainText('what you have here stays');
  await context.setOffline(false);

  await ask('someone/no-such-model');
  await expect(error).toHaveAttribute('data-code', 'hub/not-found');
  await expect(error).toContainText('someone/no-such-model');

  hub.faults.busy = { status: 503, times: Infinity, retryAfter: '3600' };
  await ask('someone/nano');
  await expect(error).toHaveAttribute('data-code', 'hub/busy');
  delete hub.faults.busy;

  await context.setOffline(true);
  await ask('someone/nano');
  await expect(error).toHaveAttribute('data-code', 'hub/offline');
  await expect(error).toContainText('huggingface.co could not be reached');
  await context.setOffline(false);

  await ask('someone/nano');
  await expect(hook(page, 'hub-plan')).toContainText('model.safetensors');
  await expect(error).toHaveCount(0);
  await expect(hook(page, 'setting-num_train_epochs').first()).toHaveValue('7');
  await waitUntilReady(page);
});
