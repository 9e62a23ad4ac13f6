import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { takeSample } from '../scripts/driveData.mjs';
import { chooseWay, hook, openPage, startRun, visibleHook, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { chromiumLaunchOptions } from '../scripts/findChromium.mjs';
import { expectSmall } from './heap/expectSmall';
import { HeapWatch } from './heap/heapWatch';
import { syntheticLlama, writeWeights } from './heap/syntheticModel';
import { hubLaunchArguments, startHubHost } from './hub/hubHost';
import { expect, test as base } from './support';

const launch = chromiumLaunchOptions();

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

test('of dropped weights nothing stays in the JavaScript heap', async ({ page, weightsMegabytes }) => {
  const model = syntheticLlama(weightsMegabytes * 1e6);
  const folder = mkdtempSync(join(tmpdir(), 'tunelet-heap-'));
  const watch = await HeapWatch.start(page);
  try {
    for (const [name, bytes] of model.files) writeFileSync(join(folder, name), bytes);
    writeWeights(model, join(folder, 'model.safetensors'));
    const idleBytes = await openModelPart(page, watch);
    await chooseWay(page, 'model-files');
    await hook(page, 'file-model').setInputFiles(readdirSync(folder).map((name) => join(folder, name)));
    await runToEnd(page);
    expectSmall(watch.takePeaks(), idleBytes, { way: 'dropped', weightBytes: model.weightBytes });
  } finally {
    await watch.stop();
    rmSync(folder, { recursive: true });
  }
});

test('of downloaded weights nothing stays in the JavaScript heap', async ({ page, weightsMegabytes }) => {
  const model = syntheticLlama(weightsMegabytes * 1e6);
  const files = [...model.files, ['model.safetensors', Buffer.concat([...model.weights()])] as const];
  const hub = await startHubHost({}, new Map(files.map(([name, bytes]) => [`someone/synthetic/${name}`, bytes])));
  const watch = await HeapWatch.start(page);
  try {
    const idleBytes = await openModelPart(page, watch);
    await chooseWay(page, 'model-hub');
    await hook(page, 'hub-id').fill('someone/synthetic');
    await hook(page, 'hub-load').click();
    await visibleHook(page, 'hub-download').click();
    await expect(hook(page, 'kept-row')).toContainText('ready, also offline', { timeout: 900_000 });
    expectSmall(watch.takePeaks(), idleBytes, { way: 'downloaded', weightBytes: model.weightBytes });
    await runToEnd(page);
    expectSmall(watch.takePeaks(), idleBytes, { way: 'read from the device', weightBytes: model.weightBytes });
  } finally {
    await watch.stop();
    await hub.goAway();
  }
});
