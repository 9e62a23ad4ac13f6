// Chooses the page's data as a user does.
import { PageError, fillControl, hook, reach, throwShownError, visibleHook, waitUntilReady } from './drivePage.mjs';
/** @import { Download, Page } from 'playwright' */

/** @param {Page} page */
export async function takeSample(page) {
  await visibleHook(page, 'use-sample').click();
  await waitUntilReady(page);
}

/**
 * @typedef {string | { name: string, mimeType: string, buffer: Buffer }} InputFile A path, or a file made in memory.
 * @param {Page} page
 * @param {{ train: InputFile | string[], validation?: InputFile, test?: InputFile }} files `train` may be several, told apart by name.
 */
export async function chooseDataset(page, files) {
  const others = /** @type {const} */ (['validation', 'test']).flatMap((part) => {
    const file = files[part];
    return file === undefined ? [] : [{ part, file }];
  });
  // Where the page takes them already, the others wait for their training file and all are read once.
  const early = (await Promise.all(others.map(({ part }) => hook(page, `file-${part}`).count()))).every((count) => count > 0);
  if (early) for (const { part, file } of others) await hook(page, `file-${part}`).first().setInputFiles(file);
  await hook(page, 'file-train').first().setInputFiles(files.train);
  if (early) return;
  for (const { part, file } of others) {
    const input = hook(page, `file-${part}`).first();
    await reach(page, async () => (await input.count()) > 0, { timeoutMs: 120_000, waitingFor: `the place of the ${part} file` });
    await input.setInputFiles(file);
  }
}

/**
 * A dataset of the Hugging Face Hub, by its id; what is left out the page suggests.
 * @param {Page} page
 * @param {{ id: string, config?: string | undefined, rows?: string | undefined, text?: string | undefined, label?: string | undefined }} wanted
 */
export async function chooseHubDataset(page, { id, config, rows, text, label }) {
  const load = hook(page, 'dataset-load');
  const plan = hook(page, 'dataset-plan');
  await visibleHook(page, 'hub-dataset-open').click();
  await hook(page, 'dataset-id').fill(id);
  await hook(page, 'dataset-look-up').click();
  const isAnswered = async () => (await hook(page, 'hub-dataset').getAttribute('aria-busy')) !== 'true';
  const isKnown = async () => (await isAnswered()) && (await plan.count()) > 0;
  await reach(page, isKnown, { timeoutMs: 120_000, waitingFor: 'what the dataset has' });
  const configs = hook(page, 'dataset-config');
  if (config !== undefined && ((await configs.count()) === 0 || (await configs.inputValue()) !== config)) {
    if ((await configs.count()) === 0) throw new Error(`${id} has one configuration alone, and “${config}” is not asked for.`);
    await configs.selectOption(config);
    const isChosen = async () => (await isAnswered()) && (await configs.inputValue()) === config;
    await reach(page, isChosen, { timeoutMs: 120_000, waitingFor: `the configuration ${config}` });
  }
  if (text !== undefined) await hook(page, 'dataset-text').selectOption(text);
  if (label !== undefined) await hook(page, 'dataset-label').selectOption(label);
  if (rows !== undefined) await hook(page, 'dataset-rows').fill(rows);
  await load.click();
  const isRead = async () => (await visibleHook(page, 'download-dataset-report').count()) > 0;
  await reach(page, isRead, { timeoutMs: 3_600_000, waitingFor: 'the rows of the dataset' });
}

/**
 * Takes up what the page offers for a file that it cannot read as it is; does nothing where the file is read without.
 * @param {Page} page
 * @param {'read-as-windows' | 'leave-out-rows'} offer
 */
export async function takeOffer(page, offer) {
  const button = visibleHook(page, offer);
  const isRead = async () => (await visibleHook(page, 'download-dataset-report').count()) > 0;
  const settled = async () =>
    (await button.count()) > 0 || (await isRead()) || (await visibleHook(page, 'text-column').count()) > 0;
  await reach(page, settled, { timeoutMs: 60 * 60_000, waitingFor: 'the file to be read' });
  if ((await button.count()) > 0) await button.click();
}

/**
 * What the page says of the dataset, as JSON.
 * @param {Page} page
 * @param {number} timeoutMs
 * @returns {Promise<Download>}
 */
export async function downloadReport(page, timeoutMs) {
  const button = visibleHook(page, 'download-dataset-report');
  await reach(page, async () => (await button.count()) > 0, { timeoutMs, waitingFor: 'the dataset' });
  // A column chosen a moment ago may have been refused.
  await page.waitForTimeout(300);
  await throwShownError(page);
  const download = page.waitForEvent('download', { timeout: timeoutMs });
  await button.click();
  return download;
}

/**
 * @param {Page} page
 * @param {'text-column' | 'label-column'} which
 * @param {string} column
 */
export async function chooseColumn(page, which, column) {
  const control = hook(page, which).first();
  await reach(page, async () => await control.isVisible(), { timeoutMs: 60 * 60_000, waitingFor: 'the columns of the file' });
  const columns = await control
    .locator('option')
    .evaluateAll((options) => options.map((option) => option.getAttribute('value') ?? ''));
  if (!columns.includes(column)) {
    const message = `There is no column “${column}”. The file has ${columns.filter(Boolean).map((name) => `“${name}”`).join(', ')}.`; // prettier-ignore
    throw new PageError('data/missing-column', message, 'Name one of these columns.');
  }
  await fillControl(control, column);
}
