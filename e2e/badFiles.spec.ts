import { chooseDataset } from '../scripts/driveData.mjs';
import { chooseWay, hook, openPage, visibleHook, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { badFiles, messagesCsv } from './files';
import { expect, test } from './support';

test.describe('a bad file is named, has a remedy, and nothing is lost', () => {
  for (const { what, code, file } of badFiles) {
    test(what, async ({ page }) => {
      await openPage(page, '?device=wasm');
      await chooseDataset(page, { train: messagesCsv('good.csv', 60) });
      await waitUntilReady(page);
      await changeSetting(page, 'num_train_epochs', '7');

      await chooseDataset(page, { train: file });
      const error = visibleHook(page, 'error');
      await expect(error).toHaveAttribute('data-code', code);
      const words = (await error.innerText()).split('\n').filter(Boolean);
      expect(words.length, 'what happened, then values and remedy').toBeGreaterThan(1);
      await expect(page.getByText(file.name).first()).toBeVisible();

      // The dataset before it is still there.
      await page.getByRole('button', { name: 'Go back to it' }).click();
      await expect(page.getByText('good.csv').first()).toBeVisible();
      await waitUntilReady(page);
      await expect(hook(page, 'setting-num_train_epochs').first()).toHaveValue('7');
    });
  }
});

test('a model folder without weights is refused by name', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('good.csv', 60) });
  await waitUntilReady(page);
  await chooseWay(page, 'model-files');
  await hook(page, 'file-model')
    .first()
    .setInputFiles([{ name: 'config.json', mimeType: 'application/json', buffer: Buffer.from('{"model_type":"gpt2"}') }]);
  await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', /^model\//);
});

test('an adapter that is no zip is refused by name', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('good.csv', 60) });
  await waitUntilReady(page);
  await hook(page, 'file-adapter')
    .first()
    .setInputFiles([{ name: 'adapter.zip', mimeType: 'application/zip', buffer: Buffer.from('not a zip') }]);
  await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', /^adapter\//);
  // The base model can still be tuned afresh.
  await expect(visibleHook(page, 'start')).toHaveAttribute('data-state', 'ready');
});
