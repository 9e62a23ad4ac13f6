import { takeSample } from '../../scripts/driveData.mjs';
import { openPage, startRun, visibleHook, waitForEnd } from '../../scripts/drivePage.mjs';
import { changeSetting } from '../../scripts/driveSettings.mjs';
import { chromiumLaunchOptions } from '../../scripts/findChromium.mjs';
import { downloadFigures, expect, test } from '../support';

const launch = chromiumLaunchOptions();
test.use({
  launchOptions: { ...launch, args: [...launch.args.filter((argument) => !/webgpu/.test(argument)), '--disable-gpu'] },
});

test('without a graphics adapter the page says so, and trains on the processor', async ({ page }) => {
  await openPage(page, '?device=webgpu');
  const error = visibleHook(page, 'error');
  await expect(error).toHaveAttribute('data-code', 'device/unavailable');

  await openPage(page);
  await takeSample(page);
  for (const [name, value] of Object.entries({ max_steps: '2', eval_steps: '0' })) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 60_000 });
  expect((await downloadFigures(page)).device).toMatch(/^Processor/);
});
