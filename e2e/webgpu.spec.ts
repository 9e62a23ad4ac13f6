import { changeSetting, chooseDataset, openPage, startRun, waitForEnd } from '../scripts/drivePage.mjs';
import { messagesCsv } from './files';
import { downloadFigures, expect, expectConsistent, test } from './support';

test('the same journey on WebGPU', async ({ page }) => {
  // The software adapter compiles each kernel in about a second.
  test.setTimeout(300_000);
  await openPage(page, '?device=webgpu');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 24) });
  for (const [name, value] of Object.entries({ max_steps: '2', eval_steps: '0', per_device_train_batch_size: '4' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 280_000 });
  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.device).toMatch(/^WebGPU/);
  expect(figures.steps).toBe(2);
});
