import type { Page } from '@playwright/test';
import { chooseWay, hook, openPage, visibleHook } from '../../scripts/drivePage.mjs';
import { chromiumLaunchOptions } from '../../scripts/findChromium.mjs';
import { hubLaunchArguments, type HubHost } from './hubHost';

const launch = chromiumLaunchOptions();

/** For `test.use`: a browser whose way to the Hub leads to `startHubHost`. */
export const withHub = {
  launchOptions: { ...launch, args: [...launch.args, ...hubLaunchArguments] },
  // Cut and refused answers are what these journeys are about; a browser logs each of them.
  expectedProblems: /request to another host: https:\/\/(huggingface\.co|cdn-lfs\.hf\.co)\/|Failed to load resource/,
};

/** Opens the page at its models of the Hub. */
export async function openHubPart(page: Page): Promise<void> {
  await openPage(page, '?device=wasm');
  await showHubPart(page);
}

/** On an open page. */
export async function showHubPart(page: Page): Promise<void> {
  const closed = visibleHook(page, 'open-model');
  await closed.or(hook(page, 'model-hub')).first().waitFor();
  if (await closed.isVisible()) await closed.click();
  await chooseWay(page, 'model-hub');
}

/** Opens the page and asks for a model by its id. */
export async function lookUp(page: Page, id: string): Promise<void> {
  await openHubPart(page);
  await hook(page, 'hub-id').fill(id);
  await hook(page, 'hub-load').click();
}

/** Models that are kept on the device. */
export const keptRow = (page: Page) => hook(page, 'kept-row');
/** Models that a search found. */
export const rows = (page: Page) => hook(page, 'hub-found-row');

/** Requests for the bytes of the weights, but for those that read the header alone. */
export function requestsOfWeights(hub: HubHost) {
  return hub.requests.filter(({ path, range }) => path.startsWith('large/') && range !== 'bytes=0-65535');
}
