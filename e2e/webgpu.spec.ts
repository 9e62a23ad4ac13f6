import type { Page } from '@playwright/test';
import { chooseDataset } from '../scripts/driveData.mjs';
import { goTo, openPage, phaseOf, reach, startRun, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { messagesCsv } from './files';
import { downloadFigures, expect, expectConsistent, test } from './support';

test('the same journey on WebGPU, in half precision and with activations computed again; a second run starts at once', async ({
  page,
}) => {
  // The software adapter compiles each kernel in about a second.
  test.setTimeout(420_000);
  await openPage(page, '?device=webgpu');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 24) });
  const settings = { max_steps: '2', eval_steps: '0', per_device_train_batch_size: '4', fp16: 'true', gradient_checkpointing: 'true' }; // prettier-ignore
  for (const [name, value] of Object.entries(settings)) await changeSetting(page, name, value);
  const first = await timeToFirstBatch(page);
  await waitForEnd(page, { timeoutMs: 280_000 });
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.device).toMatch(/^WebGPU/);
  expect(figures.steps).toBe(2);
  expect(figures.settings).toMatchObject({ fp16: true, gradientCheckpointing: true });
  expect(figures.skippedSteps).toBe(0);

  // Kernels are compiled and proven already.
  await goTo(page, 'Prepare');
  const second = await timeToFirstBatch(page);
  expect(second).toBeLessThan(Math.min(4000, first / 2));
  await waitForEnd(page, { timeoutMs: 120_000 });
  expect((await downloadFigures(page)).tuned.confusion).toEqual(figures.tuned.confusion);
});

/** From pressing Start until the base model is being evaluated. */
async function timeToFirstBatch(page: Page): Promise<number> {
  await startRun(page);
  const begin = Date.now();
  const preparing = ['loading-weights', 'compiling'];
  const isReached = async () => !preparing.includes(await phaseOf(page));
  await reach(page, isReached, { timeoutMs: 280_000, waitingFor: 'the first batch' });
  return Date.now() - begin;
}
