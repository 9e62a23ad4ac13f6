import type { Page } from '@playwright/test';
import { chooseDataset } from '../../scripts/driveData.mjs';
import { chooseWay, goTo, hook, openPage, visibleHook, waitForEnd, waitUntilReady } from '../../scripts/drivePage.mjs';
import { changeSetting } from '../../scripts/driveSettings.mjs';
import { messagesCsv } from '../files';
import { expect } from '../support';
import { tinyLlama } from '../tinyLlama';
import type { TrainerNews } from './news';

export interface ShortRun {
  device: 'wasm' | 'webgpu';
  /** A tiny model, or its first block alone, whose files a reload loses; or the embedded one. */
  model?: 'dropped' | 'one block' | 'embedded';
  /** By Hugging Face name. */
  settings?: Record<string, string>;
}

const shortSettings = { task: 'head', max_steps: '40', eval_steps: '0', per_device_train_batch_size: '4' };

/**
 * A software adapter compiles for seconds what leads back through attention, and each new device compiles all anew. Its steps are
 * short, so there are more of them: the run must not be over before the fault.
 */
const ofOneBlock = { target_modules: 'down_proj', max_steps: '80' };

/** A few dozen short texts and a small model, ready to start. */
export async function prepareRun(page: Page, { device, model = 'embedded', settings = {} }: ShortRun): Promise<void> {
  await openPage(page, `?device=${device}`);
  await chooseDataset(page, { train: messagesCsv('messages.csv', 36) });
  if (model !== 'embedded') {
    await chooseWay(page, 'model-files');
    await hook(page, 'file-model')
      .first()
      .setInputFiles(tinyLlama(model === 'one block' ? 1 : 2));
  }
  await waitUntilReady(page);
  const chosen = { ...shortSettings, ...(model === 'one block' ? ofOneBlock : {}), ...settings };
  for (const [name, value] of Object.entries(chosen)) await changeSetting(page, name, value);
}

/** Starts, and waits until as many steps are done; a short run may be over by then. */
export async function startAndReach(page: Page, news: TrainerNews, step: number, timeoutMs?: number): Promise<void> {
  await waitUntilReady(page);
  const place = news.events.length;
  await visibleHook(page, 'start').click();
  await reachStep(news.since(place), step, timeoutMs);
}

/** Of what is heard from now on, or since a place. */
export async function reachStep(news: TrainerNews, step: number, timeoutMs = 120_000): Promise<void> {
  await expect
    .poll(() => news.lastStep, { timeout: timeoutMs, intervals: [20], message: `step ${step} is done` })
    .toBeGreaterThanOrEqual(step);
}

/** The losses of the whole run where nothing goes wrong. */
export async function uninterruptedLosses(page: Page, news: TrainerNews, run: ShortRun): Promise<readonly number[]> {
  await prepareRun(page, run);
  const place = news.events.length;
  await startAndReach(page, news, 1);
  await waitForEnd(page, { timeoutMs: 120_000 });
  return news.since(place).losses;
}

/** Opens the page again, where a run waits that was not finished, and goes on with it. */
export async function continueRun(page: Page, device: ShortRun['device']): Promise<void> {
  await openPage(page, `?device=${device}`);
  await takeUp(page);
}

/** Goes on with the run that the open page offers. */
export async function takeUp(page: Page): Promise<void> {
  await goTo(page, 'Prepare');
  const proceed = hook(page, 'resume-card').getByRole('button', { name: 'Continue' });
  await expect(proceed).toBeEnabled({ timeout: 60_000 });
  await proceed.click();
}
