import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { chooseDataset } from '../scripts/driveData.mjs';
import { chooseWay, goTo, hook, openPage, startRun, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { limitQuota } from './faults/storage';
import { messagesCsv } from './files';
import { expectSmall } from './heap/expectSmall';
import { HeapWatch } from './heap/heapWatch';
import { expectMergedModel, type Merged } from './heap/mergedZip';
import { layersFor, syntheticLlama, writeWeights, type SyntheticModel } from './heap/syntheticModel';
import { downloadAdapter, expect, test as base } from './support';

/** `npm run verify:heap` sets another size. In float32 the merged model takes twice that of its base in bfloat16. */
const test = base.extend<{ mergedMegabytes: number }>({
  mergedMegabytes: [120, { option: true }],
  // With a profile on the disk: a private window keeps its files in memory.
  context: async ({ playwright, launchOptions, baseURL, viewport }, provide) => {
    const profile = mkdtempSync(join(tmpdir(), 'tunelet-profile-'));
    const options = { ...launchOptions, headless: true, viewport, ...(baseURL !== undefined && { baseURL }) };
    const context = await playwright.chromium.launchPersistentContext(profile, options);
    await provide(context);
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  },
});

/** What the stand-in for the browser's own dialog does when it is asked next; the dialog itself cannot be driven. */
declare global {
  var pickerAnswers: 'declined' | 'file';
}

/** The file that a user would choose is one of the page's own: it is written in the same way. */
function replacePicker(): void {
  globalThis.pickerAnswers = 'declined';
  const showSaveFilePicker = async ({ suggestedName }: { suggestedName: string }) => {
    if (globalThis.pickerAnswers === 'declined') throw new DOMException('The user aborted a request.', 'AbortError');
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle(suggestedName, { create: true });
  };
  Object.assign(globalThis, { showSaveFilePicker });
}

async function train(page: Page, model: SyntheticModel, folder: string): Promise<Merged> {
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await chooseWay(page, 'model-files');
  await hook(page, 'file-model').setInputFiles(readdirSync(folder).map((name) => join(folder, name)));
  const settings = { max_steps: '1', warmup_steps: '0', per_device_train_batch_size: '4', max_length: '32', eval_steps: '0' };
  for (const [name, value] of Object.entries(settings)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 900_000 });
  await goTo(page, 'Results');
  return { model, adapter: (await downloadAdapter(page)).files };
}

/** Sizes by path of the page's private files that are zips, or were to become one. */
function privateZips(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const exports = await root.getDirectoryHandle('exports', { create: true });
    const found: Record<string, number> = {};
    for (const folder of [root, exports]) {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemFileHandle && name.includes('.zip'))
          found[`${folder.name}/${name}`] = (await handle.getFile()).size;
      }
    }
    return found;
  });
}

/** A private file, handed to the browser's downloads and then removed. */
async function takeOut(page: Page, name: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.evaluate(async (fileName) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(fileName);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await handle.getFile());
    link.download = fileName;
    link.click();
  }, name);
  const path = await (await download).path();
  await page.evaluate(async (fileName) => (await navigator.storage.getDirectory()).removeEntry(fileName), name);
  return path;
}

const quotaBytes = 30e6;

/** As on a disk on which little more fits than what is there. */
async function fillDisk(page: Page): Promise<void> {
  const usedBytes = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await limitQuota(page, usedBytes + quotaBytes);
}

async function expectFull(page: Page, remedy: RegExp): Promise<void> {
  const error = hook(page, 'merged').locator('[data-testid="error"]');
  await expect(error).toHaveAttribute('data-code', /^storage\/(quota|unavailable)$/, { timeout: 60_000 });
  await expect(error).toContainText(remedy);
}

test('a merged model goes to the disk piece by piece, by the save dialog and as a download, and both are whole', async ({
  page,
  mergedMegabytes,
}) => {
  const baseBytes = (mergedMegabytes / 2) * 1e6;
  const model = syntheticLlama(baseBytes, layersFor(baseBytes));
  const folder = mkdtempSync(join(tmpdir(), 'tunelet-merged-'));
  await page.addInitScript(replacePicker);
  const watch = await HeapWatch.start(page);
  const start = hook(page, 'download-merged');
  const part = hook(page, 'merged');
  try {
    for (const [name, bytes] of model.files) writeFileSync(join(folder, name), bytes);
    writeWeights(model, join(folder, 'model.safetensors'));
    await openPage(page, '?device=wasm');
    const merged = await train(page, model, folder);
    await part.locator('summary').click();
    await chooseWay(page, 'format-float32');
    watch.takePeaks();
    await page.waitForTimeout(2000);
    const idleBytes = watch.takePeaks().liveBytes;

    await test.step('a declined dialog leaves all as it was', async () => {
      await start.click();
      await expect(start).toBeEnabled();
      await expect(part.locator('[data-testid="error"]')).toHaveCount(0);
      expect(await privateZips(page)).toEqual({});
    });

    await test.step('a full disk and a stop leave nothing half-written', async () => {
      await page.evaluate(() => (globalThis.pickerAnswers = 'file'));
      await fillDisk(page);
      await start.click();
      await expectFull(page, /-merged\.zip.*choose another place/);
      expect(await privateZips(page)).toEqual({});
      await limitQuota(page, null);
      await start.click();
      await part.getByRole('button', { name: 'Stop' }).click();
      await expect(start).toBeEnabled();
      await expect(part.locator('[data-testid="error"]')).toHaveCount(0);
      expect(await privateZips(page)).toEqual({});
    });

    await test.step('the chosen file is written directly', async () => {
      watch.takePeaks();
      await start.click();
      // Beside it stands what becomes its content once that is whole.
      await expect
        .poll(
          async () => Object.entries(await privateZips(page)).map(([path, size]) => path.endsWith('.zip') && size > baseBytes),
          {
            timeout: 900_000,
          },
        )
        .toEqual([true]);
      await expect(start).toBeEnabled();
      const { weightBytes } = await expectWritten(page, merged);
      expectSmall(watch.takePeaks(), idleBytes, { way: 'merged, written where the user chose', weightBytes });
    });

    await test.step('without the dialog it is a download', async () => {
      await page.evaluate(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
      await fillDisk(page);
      await start.click();
      await expectFull(page, /-merged\.zip does not fit.*Delete a kept model/);
      expect(await privateZips(page)).toEqual({});
      await limitQuota(page, null);
      watch.takePeaks();
      const download = page.waitForEvent('download', { timeout: 900_000 });
      await start.click();
      const path = await (await download).path();
      const { shards, weightBytes } = await expectMergedModel(path, merged);
      expectSmall(watch.takePeaks(), idleBytes, { way: `merged, downloaded, ${shards} file(s) of weights`, weightBytes });
    });

    await test.step('what a visit has left goes with the next', async () => {
      expect(Object.values(await privateZips(page))).toHaveLength(1);
      await page.reload();
      await expect.poll(() => privateZips(page), { timeout: 20_000 }).toEqual({});
    });
  } finally {
    await watch.stop();
    rmSync(folder, { recursive: true });
  }
});

/** Nothing went through the page's own storage. */
async function expectWritten(page: Page, merged: Merged) {
  const [path = '', ...others] = Object.keys(await privateZips(page));
  expect(path).toMatch(/^\/.*-merged\.zip$/);
  expect(others).toEqual([]);
  return expectMergedModel(await takeOut(page, path.slice(1)), merged);
}
