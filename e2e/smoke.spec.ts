import { openPage, visibleHook } from '../scripts/drivePage.mjs';
import { expect, test } from './support';

test('the page opens, isolated and quiet, and offers the sample', async ({ page }) => {
  await openPage(page);
  await expect(page).toHaveTitle(/Tunelet/);
  await expect(visibleHook(page, 'use-sample')).toBeVisible();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  // The worker has found its device and read the embedded model.
  await expect(page.getByTestId('device-badge')).toContainText(/Processor|WebGPU/);
});
