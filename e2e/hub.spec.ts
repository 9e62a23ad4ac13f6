import { takeSample } from '../scripts/driveData.mjs';
import { chooseWay, hook, visibleHook } from '../scripts/drivePage.mjs';
import { expectAccessibleInBoth, expectLegible } from './accessible';
import { startHubHost, type HubHost } from './hub/hubHost';
import { keptRow, openHubPart, requestsOfWeights, rows, withHub } from './hub/hubPage';
import { expect, test } from './support';

test.use(withHub);

let hub: HubHost;
test.beforeEach(async () => {
  hub = await startHubHost();
});
test.afterEach(() => hub.goAway());

/** Of the bytes of the weights. */
const ofWeights = () => requestsOfWeights(hub);

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
  await chooseWay(page, 'in-memory-int4');
  await takeSample(page);
  await expect(memory).toContainText('With this data and these settings.');
  await page.getByTestId('more-settings').click();
  await expect(hook(page, 'setting-weight_storage').first()).toHaveValue('int4');
  expect(ofWeights()).toEqual([]);
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

test('the way to a model of the Hub is accessible in light and dark, and fits a phone', async ({ page }) => {
  await openHubPart(page);
  await hook(page, 'hub-id').fill('nano');
  await expect(rows(page)).toHaveCount(5);
  await rows(page).filter({ hasText: 'owners/gated-nano' }).getByRole('radio').click();
  await hook(page, 'hub-token-open').click();
  await expectAccessibleInBoth(page, 'A gated row among those found');
  await rows(page).filter({ hasText: 'someone/nano' }).getByRole('radio').click();
  await hook(page, 'hub-download').click();
  await expect(keptRow(page).filter({ hasText: 'someone/nano' })).toContainText('ready, also offline');
  await expect(hook(page, 'weights-in-memory').getByRole('radio')).toHaveCount(3);
  await hook(page, 'kept-delete').first().click();
  await expectLegible(page, 'A model kept, with the question whether to delete it');
  await page.setViewportSize({ width: 390, height: 844 });
  const bin = await hook(page, 'kept-delete').last().boundingBox();
  expect((bin?.x ?? 0) + (bin?.width ?? 391), 'what can be done with a kept model is in reach').toBeLessThanOrEqual(390);
});
