import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { changeSetting, hook, openPage, startRun, takeSample, visibleHook, waitForEnd } from '../scripts/drivePage.mjs';
import { chromiumLaunchOptions } from '../scripts/findChromium.mjs';
import { HeapWatch, type HeapPeaks } from './heap/heapWatch';
import { syntheticLlama, type SyntheticModel } from './heap/syntheticModel';
import { hubLaunchArguments, startHubHost } from './hub/hubHost';
import { expect, test as base } from './support';

const launch = chromiumLaunchOptions();
const mostBytes = 400_000_000;

/** `npm run verify:heap` sets another size. */
const test = base.extend<{ weightsMegabytes: number }>({ weightsMegabytes: [64, { option: true }] });
test.use({
  launchOptions: { ...launch, args: [...launch.args, ...hubLaunchArguments] },
  expectedProblems: /request to another host: https:\/\/(huggingface\.co|cdn-lfs\.hf\.co)\//,
});

async function openModelPart(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  // The base model is judged alone: what matters here is on its way to the executor.
  for (const [name, value] of Object.entries({ max_steps: '0', max_length: '32' })) await changeSetting(page, name, value);
}

/** Loads the weights and judges the model with them, while the heaps are watched. */
async function runWatched(page: Page, watch: HeapWatch, model: SyntheticModel, way: string): Promise<void> {
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 900_000 });
  expectSmall(watch.takePeaks(), model, way);
}

function expectSmall(peaks: HeapPeaks, { weightBytes }: SyntheticModel, way: string): void {
  const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${way}, ${inMegabytes(weightBytes)} of weights: at most ${inMegabytes(peaks.heldBytes)} held (objects ${inMegabytes(peaks.objectBytes)}, ` +
      `buffers ${inMegabytes(peaks.bufferBytes)}), ${peaks.targets} heaps, ${peaks.readings} readings`,
  );
  expect(peaks.targets).toBeGreaterThan(1);
  expect(peaks.readings).toBeGreaterThan(2);
  expect(peaks.heldBytes).toBeLessThan(mostBytes);
}

test('of dropped weights nothing stays in the JavaScript heap', async ({ page, weightsMegabytes }) => {
  const model = syntheticLlama(weightsMegabytes * 1e6);
  const folder = mkdtempSync(join(tmpdir(), 'tunelet-heap-'));
  const watch = await HeapWatch.start(page);
  try {
    for (const [name, bytes] of model.files) writeFileSync(join(folder, name), bytes);
    await openModelPart(page);
    await hook(page, 'model-files').check({ force: true });
    await hook(page, 'file-model').setInputFiles([...model.files.keys()].map((name) => join(folder, name)));
    await runWatched(page, watch, model, 'dropped');
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
    await openModelPart(page);
    await hook(page, 'model-hub').check({ force: true });
    await hook(page, 'hub-id').fill('someone/synthetic');
    await hook(page, 'hub-load').click();
    await visibleHook(page, 'hub-download').click();
    await expect(hook(page, 'kept-row')).toContainText('ready, also offline', { timeout: 900_000 });
    expectSmall(watch.takePeaks(), model, 'downloaded');
    await runWatched(page, watch, model, 'read from the device');
  } finally {
    await watch.stop();
    await hub.goAway();
  }
});
