import { goTo, visibleHook } from '../../scripts/drivePage.mjs';
import { expect, test } from '../support';
import { TrainerNews } from './news';
import { prepareTinyRun, startAndReach } from './journey';
import { fillMemory, watchDevices } from './devices';

test('memory that is full is named, with what fits', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  await prepareTinyRun(page, { device: 'webgpu' });
  await watchDevices(page);
  await fillMemory(page, 'arena');
  await visibleHook(page, 'start').click();
  const error = visibleHook(page, 'error');
  await expect(error).toHaveAttribute('data-code', 'device/out-of-memory', { timeout: 60_000 });
  await expect(error).toContainText('no room for the activations');
  await fillMemory(page, '');
  await goTo(page, 'Prepare');
  await startAndReach(page, news, 1);
});
