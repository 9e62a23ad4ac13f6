import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { takeSample } from '../scripts/driveData.mjs';
import { chooseWay, hook, openPage, startRun, visibleHook, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { chromiumLaunchOptions } from '../scripts/findChromium.mjs';
import { HeapWatch, type HeapPeaks } from './heap/heapWatch';
import { syntheticLlama, type SyntheticModel } from './heap/syntheticModel';
import { hubLaunchArguments, startHubHost } from './hub/hubHost';
import { expect, test as base } from './support';

const launch = chromiumLaunchOptions();
/** With what waits to be collected. */
const mostBytes = 400_000_000;
/** What may be held on to beyond what the page held before: some pieces on their way, and far from a whole file. */
const mostGrowthBytes = 60_000_000;

/** `npm run verify:heap` sets another size. */
const test = base.extend<{ weightsMegabytes: number }>({ weightsMegabytes: [100, { option: true }] });
test.use({
  launchOptions: { ...launch, args: [...launch.args, ...hubLaunchArguments] },
  expectedProblems: /request to another host: https:\/\/(huggingface\.co|cdn-lfs\.hf\.co)\//,
});

/** Returns what the page holds on to before there is a model of the user's. */
async function openModelPart(page: Page, watch: HeapWatch): Promise<number> {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  // The base model is judged alone: what matters here is on its way to the executor.
  for (const [name, value] of Object.entries({ max_steps: '0', max_length: '32' })) await changeSetting(page, name, value);
  return watch.takePeaks().liveBytes;
}

/** Loads the weights and judges the model with them. */
async function runToEnd(page: Page): Promise<void> {
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 900_000 });
}

function expectSmall(peaks: HeapPeaks, idleBytes: number, { weightBytes }: SyntheticModel, way: string): void {
  const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${way}, ${inMegabytes(weightBytes)} of weights: at most ${inMegabytes(peaks.heldBytes)} held (objects ${inMegabytes(peaks.objectBytes)}, ` +
      `buffers ${inMegabytes(peaks.bufferBytes)}), without garbage ${inMegabytes(peaks.liveBytes)} (${inMegabytes(idleBytes)} before), ` +
      `${peaks.targets} heaps, ${peaks.readings} readings`,
  );
  expect(peaks.targets).toBeGreaterThan(1);
  expect(peaks.readings).toBeGreaterThan(2);
  expect(peaks.heldBytes).toBeLessThan(mostBytes);
  expect(peaks.liveBytes - idleBytes).toBeLessThan(mostGrowthBytes);
}

test('of dropped weights nothing stays in the JavaScript heap', async ({ page, weightsMegabytes }) => {
  const model = syntheticLlama(weightsMegabytes * 1e6);
  const folder = mkdtempSync(join(tmpdir(), 'tunelet-heap-'));
  const watch = await HeapWatch.start(page);
  try {
    for (const [name, bytes] of model.files) writeFileSync(join(folder, name), bytes);
    const idleBytes = await openModelPart(page, watch);
    await chooseWay(page, 'model-files');
    await hook(page, 'file-model').setInputFiles([...model.files.keys()].map((name) => join(folder, name)));
    await runToEnd(page);
    expectSmall(watch.takePeaks(), idleBytes, model, 'dropped');
  } finally {
    await watch.stop();
    rmSync(folder, { recursive: true });
  }
});

test('of downloaded weights nothing stays in the JavaScript heap', async ({ page, weightsMegabytes }) => {
  const model = syntheticLlama(weightsMegabytes * 1e6);
  const hub = await startHubHost({}, new Map([...model.files].map(([name, bytes]) => [`someone/synthetic/${name}`, bytes])));
  const watch = await HeapWatch.start(page);
  try {
    const idleBytes = await openModelPart(page, watch);
    await chooseWay(page, 'model-hub');
    await hook(page, 'hub-id').fill('someone/synthetic');
    await hook(page, 'hub-load').click();
    await visibleHook(page, 'hub-download').click();
    await expect(hook(page, 'kept-row')).toContainText('ready, also offline', { timeout: 900_000 });
    expectSmall(watch.takePeaks(), idleBytes, model, 'downloaded');
    await runToEnd(page);
    expectSmall(watch.takePeaks(), idleBytes, model, 'read from the device');
  } finally {
    await watch.stop();
    await hub.goAway();
  }
});
