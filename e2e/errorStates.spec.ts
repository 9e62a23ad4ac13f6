import type { Page } from '@playwright/test';
import { chooseDataset, takeSample } from '../scripts/driveData.mjs';
import { chooseWay, goTo, hook, openPage, startRun, visibleHook, waitUntilReady } from '../scripts/drivePage.mjs';
import { expectLegible } from './accessible';
import { fillMemory, loseDeviceAt, trainerWorker, watchDevices } from './faults/devices';
import { prepareRun } from './faults/journey';
import { badFiles, messagesCsv } from './files';
import { expect, test } from './support';

async function expectError(page: Page, code: RegExp): Promise<void> {
  const codes = () =>
    page.locator('[data-testid="error"]:visible').evaluateAll((errors) => errors.map((error) => error.dataset['code']));
  await expect.poll(codes, { timeout: 60_000 }).toContainEqual(expect.stringMatching(code));
}

test('data, model and adapter that cannot be used', async ({ page }) => {
  await openPage(page, '?device=wasm');
  const bad = badFiles.find(({ code }) => code === 'data/no-label-column');
  if (bad) await chooseDataset(page, { train: bad.file });
  await expectError(page, /^data\//);
  await expectLegible(page, 'A first file without labels');

  await chooseDataset(page, { train: messagesCsv('good.csv', 60) });
  await waitUntilReady(page);
  const config = { name: 'config.json', mimeType: 'application/json', buffer: Buffer.from('{"model_type":"gpt2"}') };
  await chooseWay(page, 'model-files');
  await hook(page, 'file-model').first().setInputFiles([config]);
  await expectError(page, /^model\//);
  await expectLegible(page, 'A model without weights');

  const adapter = { name: 'adapter.zip', mimeType: 'application/zip', buffer: Buffer.from('not a zip') };
  await hook(page, 'file-adapter').first().setInputFiles([adapter]);
  await expectError(page, /^adapter\//);
  await expectLegible(page, 'An adapter that is no zip');
});

test('a device that is only software, and what the browser enforces', async ({ page }) => {
  await openPage(page);
  await takeSample(page);
  await expect(page.getByText(/training runs on the processor/).first()).toBeVisible();
  await expectLegible(page, 'The notice about the device');
  await hook(page, 'privacy').click();
  await expect(hook(page, 'enforcement')).toBeVisible();
  await expectLegible(page, 'What leaves this tab');
});

test('a run that does not fit, and one whose device stays away', async ({ page }) => {
  await prepareRun(page, { device: 'webgpu', model: 'one block', settings: { max_steps: '400' } });
  await watchDevices(page);
  await fillMemory(page, 'arena');
  await visibleHook(page, 'start').click();
  await expect(hook(page, 'device-lost')).toHaveAttribute('data-cause', 'full', { timeout: 60_000 });
  // No batch makes room where there is none.
  await expect(page.getByRole('button', { name: /^Go on with batches/ })).toHaveCount(0);
  await expectLegible(page, 'A run for which the device has no memory');
  await page.getByRole('button', { name: 'Stop', exact: true }).first().click();
  await expect(page.locator('body[data-phase="stopped"]')).toHaveCount(1);

  await prepareRun(page, { device: 'webgpu', model: 'one block', settings: { max_steps: '400' } });
  await watchDevices(page);
  await startRun(page);
  const worker = await trainerWorker(page);
  await worker.evaluate(() => Object.assign(Object.getPrototypeOf(navigator.gpu), { requestAdapter: async () => null }));
  await loseDeviceAt(page, 'submit', 3);
  await goTo(page, 'Run');
  await expect(page.locator('body[data-phase="waiting-for-device"]')).toHaveCount(1, { timeout: 60_000 });
  await expectLegible(page, 'A run that waits for its device');
});
