import type { Page } from '@playwright/test';
import { changeSetting, chooseDataset, hook, openPage, visibleHook, waitUntilReady } from '../../scripts/drivePage.mjs';
import { messagesCsv } from '../files';
import { expect } from '../support';
import { tinyLlama } from '../tinyLlama';
import type { TrainerNews } from './news';

export interface TinyRun {
  device: 'wasm' | 'webgpu';
  /** By Hugging Face name, beyond `tinySettings`. */
  settings?: Record<string, string>;
}

const tinySettings = { task: 'head', max_steps: '40', eval_steps: '0', per_device_train_batch_size: '4' };

/** The smallest model and a few dozen short texts, ready to start. */
export async function prepareTinyRun(page: Page, { device, settings = {} }: TinyRun): Promise<void> {
  await openPage(page, `?device=${device}`);
  await chooseDataset(page, { train: messagesCsv('messages.csv', 36) });
  await hook(page, 'model-files').first().check({ force: true });
  await hook(page, 'file-model').first().setInputFiles(tinyLlama());
  await waitUntilReady(page);
  for (const [name, value] of Object.entries({ ...tinySettings, ...settings })) await changeSetting(page, name, value);
}

/** Starts, and waits until as many steps are done; a tiny run may be over by then. */
export async function startAndReach(page: Page, news: TrainerNews, step: number): Promise<void> {
  await waitUntilReady(page);
  const before = news.events.length;
  await visibleHook(page, 'start').click();
  await expect
    .poll(() => news.since(before).lastStep, { timeout: 120_000, intervals: [20], message: `step ${step} is done` })
    .toBeGreaterThanOrEqual(step);
}
