// Drives the page as a user does, for `npm run tune`, the screenshots and the journeys under e2e/: only what the page
// shows is used. The names are the page's `data-testid`s, and `document.body.dataset.phase` is the state of the run.
// `driveData.mjs` chooses data, `driveSettings.mjs` changes settings.
/** @import { Download, Locator, Page } from 'playwright' */

/** What the page said when it refused something. */
export class PageError extends Error {
  /** @param {string} code @param {string} happened @param {string} remedy In the page's words. */
  constructor(code, happened, remedy) {
    super(`${happened}\n${remedy}`.trim());
    this.name = 'PageError';
    this.code = code;
    this.happened = happened;
    this.remedy = remedy;
  }
}

/** @param {Page} page @param {string} testId */
export function hook(page, testId) {
  return page.locator(`[data-testid="${testId}"]`);
}

/** @param {Page} page @param {string} testId The one that can be seen: some actions stand in the summary and in the dock. */
export function visibleHook(page, testId) {
  return page.locator(`[data-testid="${testId}"]:visible`).first();
}

/** @param {Page} page The summary's, or on a narrow page the dock's. */
function startButton(page) {
  return page.locator('[data-testid="start"]:visible, .dock [data-state]:visible').first();
}

/** @param {Page} page @returns {Promise<string>} The run's phase, or "idle". */
export function phaseOf(page) {
  return page.evaluate(() => document.body.dataset['phase'] ?? '');
}

/**
 * Opens the page and waits until it listens.
 * @param {Page} page
 * @param {string} [parameters] "?device=wasm"
 */
export async function openPage(page, parameters = '') {
  await page.goto(`./${parameters}`);
  await page.waitForFunction(() => document.body.dataset['phase'] !== undefined, undefined, { timeout: 60_000 });
}

/**
 * Waits for a condition of the page, and no longer than until the page shows an error.
 * @param {Page} page
 * @param {() => Promise<boolean>} isReached
 * @param {{ timeoutMs: number, waitingFor: string }} limit
 * @throws {PageError} with the page's own words.
 */
export async function reach(page, isReached, { timeoutMs, waitingFor }) {
  const endMs = Date.now() + timeoutMs;
  let errorSinceMs = Infinity;
  while (!(await isReached())) {
    const showsError = (await visibleHook(page, 'error').count()) > 0;
    errorSinceMs = showsError ? Math.min(errorSinceMs, Date.now()) : Infinity;
    // An error that the action before this one made good may be on the screen for a moment longer.
    if (Date.now() - errorSinceMs > 1000) await throwShownError(page);
    if (Date.now() > endMs)
      throw new Error(`Waited ${Math.round(timeoutMs / 1000)} s for ${waitingFor}; the page is still not there.`);
    await page.waitForTimeout(100);
  }
}

/** @param {Page} page @throws {PageError} if the page shows an error. */
export async function throwShownError(page) {
  const shown = visibleHook(page, 'error');
  if ((await shown.count()) === 0) return;
  const read = (/** @type {string} */ name) => shown.getAttribute(`data-${name}`);
  const [code, message, remedy] = await Promise.all([read('code'), read('message'), read('remedy')]);
  throw new PageError(code ?? 'unknown', message ?? '', remedy ?? '');
}

/**
 * Chooses one of a few ways, such as `model-files`, and sees that it stays chosen: while the page of a visit that has just begun comes
 * together, it moves under the pointer and may draw the part anew.
 * @param {Page} page
 * @param {string} testId Of a radio button.
 */
export async function chooseWay(page, testId) {
  await checkRadio(visibleHook(page, testId));
}

/** @param {Locator} radio */
async function checkRadio(radio) {
  const endMs = Date.now() + 20_000;
  /** @type {unknown} */
  let failure = null;
  while (Date.now() < endMs) {
    failure = await radio.check({ timeout: 5000 }).then(
      () => null,
      (/** @type {unknown} */ error) => error,
    );
    // Two looks a moment apart: the first may be at a part that is about to be drawn anew.
    await radio.page().waitForTimeout(50);
    if (failure === null && (await radio.isChecked({ timeout: 5000 }).catch(() => false))) return;
  }
  throw failure ?? new Error('A radio button was clicked and does not stay chosen.');
}

/** @param {Page} page @param {number} [timeoutMs] Waits until nothing is missing and the run can start. */
export async function waitUntilReady(page, timeoutMs = 60_000) {
  let readySinceMs = Infinity;
  const isReady = async () => {
    const start = startButton(page);
    const state = (await start.count()) === 0 ? null : await start.getAttribute('data-state');
    if (state !== 'ready') readySinceMs = Infinity;
    else readySinceMs = Math.min(readySinceMs, Date.now());
    // A changed file or setting blocks the button a moment later.
    return Date.now() - readySinceMs > 600;
  };
  try {
    await reach(page, isReady, { timeoutMs, waitingFor: 'the Start button' });
  } catch (error) {
    const blocked = startButton(page);
    if (error instanceof PageError || (await blocked.count()) === 0) throw error;
    const problems = await page.locator('.problem:visible').allInnerTexts();
    throw new Error(['The run cannot start.', await blocked.innerText(), ...problems].join('\n'), { cause: error });
  }
  // A refused model or column leaves the one before it in place, with which a run could start.
  await throwShownError(page);
}

/** @param {Locator} control An input, select or switch, or what holds one. @param {string} value */
export async function fillControl(control, value) {
  const isControl = await control.evaluate((element) => element.matches('input, select, textarea, button'));
  /** @type {Locator} */
  const target = isControl ? control : control.locator('input, select, textarea, button').first();
  const kind = await target.evaluate(
    (element) => element.getAttribute('role') ?? element.getAttribute('type') ?? element.localName,
  );
  const tag = await target.evaluate((element) => element.localName);
  if (tag === 'select') await target.selectOption(value);
  else if (kind === 'checkbox' || kind === 'switch')
    await setSwitch(target, value === 'true' || value === 'True' || value === '1');
  else if (kind === 'radio') await checkRadio(control.locator(`input[value=${JSON.stringify(value)}]`));
  else {
    await target.fill(value);
    await target.blur();
  }
}

/** @param {Locator} target @param {boolean} isOn */
async function setSwitch(target, isOn) {
  if ((await target.isChecked()) === isOn) return;
  // The visible part of a switch may lie over its input; the keyboard reaches the input itself.
  await target.focus();
  await target.press('Space');
}

/**
 * Every phase from now on: a short run is over between two looks at the page.
 * @param {Page} page
 */
function watchPhases(page) {
  return page.evaluateHandle(() => {
    /** @type {string[]} */
    const phases = [];
    const watch = new MutationObserver(() => phases.push(document.body.dataset['phase'] ?? ''));
    watch.observe(document.body, { attributes: true, attributeFilter: ['data-phase'] });
    return phases;
  });
}

/** @param {Page} page */
export async function startRun(page) {
  await waitUntilReady(page);
  const phases = await watchPhases(page);
  await startButton(page).click();
  await reach(
    page,
    async () => (await phases.jsonValue()).some((phase) => !['', 'idle', 'finished', 'stopped'].includes(phase)),
    {
      timeoutMs: 60_000,
      waitingFor: 'the run to start',
    },
  );
  await phases.dispose();
}

/** @param {Page} page @param {'Prepare' | 'Run' | 'Results' | 'Runs'} place */
export async function goTo(page, place) {
  // “Run 40 %” is Run, and “Runs 2” is not.
  const name = new RegExp(`^${place}\\b`);
  const link = page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name });
  if ((await link.getAttribute('aria-current')) !== 'page') await link.click();
}

/**
 * Waits for the end of the run; `onProgress` hears of every change that the charts tell.
 * @param {Page} page
 * @param {{ timeoutMs?: number, onProgress?: (line: string) => void }} [options]
 * @throws {PageError} if the run fails.
 */
export async function waitForEnd(page, { timeoutMs = Number.MAX_SAFE_INTEGER, onProgress } = {}) {
  let said = '';
  const isAtEnd = async () => {
    const line = onProgress ? await progressLine(page) : '';
    if (onProgress && line && line !== said) onProgress((said = line));
    const phase = await phaseOf(page);
    if (phase === 'failed') await throwShownError(page);
    return phase === 'finished';
  };
  await reach(page, isAtEnd, { timeoutMs, waitingFor: 'the end of the run' });
}

/** @param {Page} page @returns {Promise<string>} Phase, step, loss and accuracy, from the sentences that stand for the charts. */
async function progressLine(page) {
  const sentences = page.locator('[role="img"][aria-label*=" over steps: "]:visible');
  const [phase, labels] = await Promise.all([
    phaseOf(page),
    sentences.evaluateAll((charts) => charts.map((chart) => chart.getAttribute('aria-label') ?? '')),
  ]);
  const told = labels
    .filter((label) => /^(Loss|Accuracy)/.test(label))
    .map((label) => label.replace(/^.* over steps: /, '').replace(/\.$/, ''));
  return [phase, ...told].join(' | ');
}

/** @param {Page} page @param {string} testId Of a download button on Results. @returns {Promise<Download>} */
export async function downloadFrom(page, testId) {
  await goTo(page, 'Results');
  const download = page.waitForEvent('download', { timeout: 60_000 });
  await visibleHook(page, testId).click();
  return download;
}
