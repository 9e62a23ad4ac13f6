// Changes the page's settings as a user does.
import { fillControl, hook, reach, visibleHook } from './drivePage.mjs';
/** @import { Page } from 'playwright' */

/**
 * @param {Page} page
 * @param {string} name Hugging Face name.
 * @param {string} value "true" or "false" for a switch; names divided by commas for a list.
 */
export async function changeSetting(page, name, value) {
  if (name === 'label_words') return changeWords(page, value);
  if (name === 'target_modules') await writeTargets(page);
  const control = hook(page, `setting-${name}`).first();
  if (name.startsWith('clean.')) {
    const isRead = async () => (await visibleHook(page, 'open-data').count()) > 0;
    await reach(page, isRead, { timeoutMs: 60 * 60_000, waitingFor: 'the dataset' });
    await open(page, ['open-data']);
  } else if (!(await control.isVisible())) await openHiddenSettings(page);
  if ((await control.count()) === 0)
    throw new Error(`The page has no setting “${name}”. Use the Hugging Face name, such as learning_rate.`);
  await fillControl(control, value);
}

/** @param {Page} page @param {string} value A JSON object: what is answered, by label. */
async function changeWords(page, value) {
  for (const [label, word] of Object.entries(JSON.parse(value))) {
    const field = page.locator(`[data-testid="label-word"][data-label=${JSON.stringify(label)}]`);
    if ((await field.count()) === 0) throw new Error(`The data have no label “${label}” that could have a word of its own.`);
    await field.fill(String(word));
  }
}

/** @param {Page} page Shows the field in which names, a pattern or “all-linear” can be written. */
async function writeTargets(page) {
  const ways = hook(page, 'target-ways');
  if ((await ways.count()) === 0) await openHiddenSettings(page);
  await ways.getByText('Pattern', { exact: true }).click();
}

/** @param {Page} page */
async function openHiddenSettings(page) {
  await open(page, ['open-settings', 'more-settings']);
}

/** @param {Page} page @param {string[]} testIds Of what opens a part of the page. */
async function open(page, testIds) {
  for (const testId of testIds) {
    const button = visibleHook(page, testId);
    if ((await button.count()) > 0 && (await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  }
}
