import type { Page } from '@playwright/test';
import { chromiumLaunchOptions } from '../scripts/findChromium.mjs';
import { changeSetting, hook, openPage, startRun, takeSample, visibleHook, waitForEnd } from '../scripts/drivePage.mjs';
import { expectAccessible, expectNoSideways } from './accessible';
import { hubLaunchArguments, nano, startHubHost, type HubHost } from './hub/hubHost';
import { downloadFigures, expect, test } from './support';

const launch = chromiumLaunchOptions();
test.use({
  launchOptions: { ...launch, args: [...launch.args, ...hubLaunchArguments] },
  // Cut and refused answers are what these journeys are about; a browser logs each of them.
  expectedProblems: /request to another host: https:\/\/(huggingface\.co|cdn-lfs\.hf\.co)\/|Failed to load resource/,
});

const weightBytes = nano('model.safetensors').length;
let hub: HubHost;
test.beforeEach(async () => {
  hub = await startHubHost();
});
test.afterEach(() => hub.goAway());

async function lookUp(page: Page, id: string): Promise<void> {
  await openHubPart(page);
  await hook(page, 'hub-id').fill(id);
  await hook(page, 'hub-load').click();
}

async function openHubPart(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  const closed = visibleHook(page, 'open-model');
  await expect(closed.or(hook(page, 'model-hub'))).toBeVisible();
  if (await closed.isVisible()) await closed.click();
  await hook(page, 'model-hub').check({ force: true });
}

const keptRow = (page: Page) => hook(page, 'kept-row');
/** Requests for the bytes of the weights, but for those that read the header alone. */
const ofWeights = () => hub.requests.filter(({ path, range }) => path.startsWith('large/') && range !== 'bytes=0-65535');

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
  await keptRow(page).getByTestId('kept-use').click();
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

test('a gated model asks for a token, which is kept nowhere', async ({ page, context }) => {
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
  expect(JSON.stringify(await context.storageState({ indexedDB: true }))).not.toContain('hf_mayRead');
  expect(await page.evaluate(storedText)).not.toContain('hf_mayRead');
});

const rows = (page: Page) => hook(page, 'hub-found-row');

test('words find models with what they take; one is chosen by keyboard, and its weights by what they take in memory', async ({
  page,
}) => {
  await openHubPart(page);
  await hook(page, 'hub-id').pressSequentially('nano', { delay: 40 });
  await expect(rows(page)).toHaveCount(5);
  const searches = hub.requests.filter(({ path }) => path === 'api/models');
  expect(searches.length, 'one search for words that were typed at once').toBe(1);
  expect(hub.requests.length, 'no file and no other list was asked for').toBe(searches.length);
  await expect(rows(page).filter({ hasText: 'someone/nano' })).toHaveText(/5\.4\sM.*11 MB.*Apache 2\.0.*fits/);
  await expect(rows(page).filter({ hasText: 'nano-phi' })).toContainText('phi3 is not among our architectures');
  await expect(rows(page).filter({ hasText: 'nano-phi' }).getByRole('radio')).toHaveCount(0);
  await expect(rows(page).filter({ hasText: 'nano-large' })).toHaveText(/6\.74\sB.*13 GB.*Llama 2.*too large for this device/);
  await expect(rows(page).filter({ hasText: 'nano-pickled' })).toContainText('no safetensors or GGUF');

  await rows(page).filter({ hasText: 'owners/gated-nano' }).getByRole('radio').click();
  const gate = page.locator('[data-testid="hub-found"] .gate');
  await expect(gate).toContainText('gated-nano asks for access first');
  await expect(gate).toContainText('Until then nano-gpt2 stays chosen.');

  await rows(page).filter({ hasText: 'someone/nano' }).getByRole('radio').focus();
  await page.keyboard.press('Space');
  await expect(hook(page, 'hub-plan')).toContainText('GPT-2 architecture, no chat format');
  await expect(rows(page).filter({ hasText: 'someone/nano' }).getByRole('radio')).toBeChecked();
  await expect(gate).toHaveCount(0);

  const memory = hook(page, 'weights-in-memory');
  await expect(memory.getByRole('radio')).toHaveCount(3);
  await expect(memory).toContainText('For texts of the longest length that the settings allow');
  await expect(hook(page, 'in-memory-float16')).toBeChecked();
  await hook(page, 'in-memory-int4').check({ force: true });
  await takeSample(page);
  await expect(memory).toContainText('With this data and these settings.');
  await page.getByTestId('more-settings').click();
  await expect(hook(page, 'setting-weight_storage').first()).toHaveValue('int4');
  expect(ofWeights()).toEqual([]);
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

test('Start waits for the chosen model’s download', async ({ page }) => {
  hub.faults.bytesPerSecond = 2_000_000;
  await openHubPart(page);
  await takeSample(page);
  await hook(page, 'hub-id').fill('someone/nano');
  await hook(page, 'hub-load').click();
  await hook(page, 'hub-download').click();
  const start = visibleHook(page, 'start');
  await expect(start).toHaveText(/Start needs the model, \d s/);
  await hook(page, 'hub-pause').click();
  await expect(start).toHaveText('Start training');
  await expect(keptRow(page)).toContainText(/cut off at \d+\s%/);
  await expect(hook(page, 'kept-use')).toHaveText('Resume');
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

for (const scheme of ['light', 'dark'] as const) {
  test(`the way to a model of the Hub is accessible in ${scheme}, and fits a phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await openHubPart(page);
    await hook(page, 'hub-id').fill('nano');
    await expect(rows(page)).toHaveCount(5);
    await rows(page).filter({ hasText: 'owners/gated-nano' }).getByRole('radio').click();
    await hook(page, 'hub-token-open').click();
    await expectAccessibleFromTop(page, 'A gated row among those found');
    await rows(page).filter({ hasText: 'someone/nano' }).getByRole('radio').click();
    await hook(page, 'hub-download').click();
    await expect(keptRow(page).filter({ hasText: 'someone/nano' })).toContainText('ready, also offline');
    await expect(hook(page, 'weights-in-memory').getByRole('radio')).toHaveCount(3);
    await hook(page, 'kept-delete').first().click();
    await expectAccessibleFromTop(page, 'A model kept, with the question whether to delete it');
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoSideways(page, 'A chosen model of the Hub');
    const bin = await hook(page, 'kept-delete').last().boundingBox();
    expect((bin?.x ?? 0) + (bin?.width ?? 391), 'what can be done with a kept model is in reach').toBeLessThanOrEqual(390);
    await expectAccessibleFromTop(page, 'A chosen model of the Hub on a phone');
  });
}

/** Scrolled, the bar may lie over the half of a radio, which axe takes for a small one. */
async function expectAccessibleFromTop(page: Page, place: string): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await expectAccessible(page, place);
}

/** Runs in the page: names and small files of its private file system, and its session's storage. */
async function storedText(): Promise<string> {
  const texts = [JSON.stringify(sessionStorage)];
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('hub');
  for await (const [name, handle] of folder.entries()) {
    if (!('getFile' in handle) || typeof handle.getFile !== 'function') continue;
    const file: File = await handle.getFile();
    texts.push(name, file.size < 1e6 ? await file.text() : '');
  }
  return texts.join('\n');
}
