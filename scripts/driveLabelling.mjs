// Drives the page's “Label a file” as a user would.
import { hook, reach } from './drivePage.mjs';
/** @import { Page } from 'playwright' */

const hourMs = 3_600_000;

/** Gives the page a downloaded adapter, once the model is there. @param {Page} page @param {string} zip @param {number} timeoutMs */
export async function importAdapter(page, zip, timeoutMs) {
  const input = hook(page, 'file-adapter');
  const isOpen = async () => (await input.count()) > 0 && (await input.isEnabled());
  await reach(page, isOpen, { timeoutMs, waitingFor: 'the model' });
  await input.setInputFiles(zip);
  await shown(page, 'adapter-summary', 'the adapter');
}

/**
 * Hands over a table without labels. `column`, `pairColumn`: its texts, else guessed.
 * @param {Page} page @param {string} file
 * @param {{ encoding?: string | undefined, leavesOutBrokenRows?: boolean, column?: string | undefined, pairColumn?: string | undefined }} [choices]
 */
export async function openUnlabelled(page, file, { encoding, leavesOutBrokenRows = false, column, pairColumn } = {}) {
  await hook(page, 'label-file').setInputFiles(file);
  if (encoding !== undefined) await page.getByRole('button', { name: 'Read as windows-1252' }).click();
  if (leavesOutBrokenRows) {
    const offer = page.getByRole('button', { name: 'Leave broken rows out' });
    await offer.or(hook(page, 'label-start')).first().waitFor({ timeout: hourMs });
    if ((await offer.count()) > 0) await offer.click();
  }
  await shown(page, 'label-start', 'the table');
  if (column !== undefined) await hook(page, 'label-text-column').selectOption(column);
  if (pairColumn !== undefined) await hook(page, 'label-text-column-2').selectOption(pairColumn);
}

/**
 * Labels the table that is open to its end; gives the page's sentence about it.
 * @param {Page} page @param {{ isBase?: boolean, onProgress?: (line: string) => void }} [options] @returns {Promise<string>}
 */
export async function labelTable(page, { isBase = false, onProgress = () => {} } = {}) {
  if (isBase) await hook(page, 'label-panel').getByText('Base', { exact: true }).click();
  await hook(page, 'label-start').click();
  const done = hook(page, 'label-done');
  const isDone = async () => {
    const progress = hook(page, 'label-progress');
    if ((await progress.count()) > 0) {
      // It may be gone by now.
      const line = await progress.textContent({ timeout: 1000 }).catch(() => null);
      if (line) onProgress(line);
    }
    return (await done.count()) > 0;
  };
  await reach(page, isDone, { timeoutMs: 24 * hourMs, waitingFor: 'the labels' });
  return (await done.textContent()) ?? '';
}

/** @param {Page} page @param {string} testId @param {string} what */
async function shown(page, testId, what) {
  await reach(page, async () => (await hook(page, testId).count()) > 0, { timeoutMs: hourMs, waitingFor: what });
}
