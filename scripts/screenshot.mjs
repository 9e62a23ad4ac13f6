// `npm run screenshot`: takes the README's pictures of the sample run, in light, dark and on a phone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { takeSample } from './driveData.mjs';
import { goTo, hook, openPage, phaseOf, reach, startRun, visibleHook, waitForEnd } from './drivePage.mjs';
import { chromiumLaunchOptions, ensureChromium } from './findChromium.mjs';
import { root, servePage } from './servePage.mjs';
/** @import { Page } from 'playwright' */

const folder = join(root, 'e2e', 'screenshots');
const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const minuteMs = 60_000;

/** @param {Page} page @param {string} name */
async function take(page, name) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.move(0, 0);
  // Values settle in 600 ms.
  await page.waitForTimeout(900);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`e2e/screenshots/${name}.png`);
}

/** The same place in dark and on a phone. @param {Page} page @param {string} name */
async function takeVariants(page, name) {
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(phone);
  await take(page, `${name}-390`);
  await page.setViewportSize(desktop);
}

/** @param {Page} page @returns {Promise<number>} Step of the last evaluation; 0 while there is only that of the base model. */
async function lastEvaluation(page) {
  const sentence = await page.locator('[role="img"][aria-label^="Accuracy and macro-F1"]').getAttribute('aria-label');
  const step = /at step (\d+)/.exec(sentence ?? '')?.[1];
  return step === undefined ? 0 : Number(step);
}

/** @param {Page} page */
async function takeRun(page) {
  const isFarEnough = async () => {
    const phase = await phaseOf(page);
    if (phase === 'finished') throw new Error('The run ended before its picture was taken.');
    const chart = page.locator('[role="img"][aria-label^="Accuracy and macro-F1"]');
    return phase === 'training' && (await chart.count()) > 0 && (await lastEvaluation(page)) >= 90;
  };
  await reach(page, isFarEnough, { timeoutMs: 10 * minuteMs, waitingFor: 'the middle of the run' });
  await take(page, 'run');
  // Held still, so that the run does not end meanwhile.
  await page.getByRole('button', { name: 'Pause' }).first().click();
  await reach(page, async () => (await phaseOf(page)) === 'paused', { timeoutMs: minuteMs, waitingFor: 'the pause' });
  await takeVariants(page, 'run');
  await page.getByRole('button', { name: 'Continue' }).first().click();
}

async function takePictures() {
  ensureChromium();
  mkdirSync(folder, { recursive: true });
  const server = await servePage();
  const browser = await chromium.launch(chromiumLaunchOptions('hardware'));
  try {
    const page = await browser.newPage({ baseURL: server.url, viewport: desktop, colorScheme: 'light', reducedMotion: 'reduce' });
    await openPage(page);
    await visibleHook(page, 'use-sample').waitFor();
    await take(page, 'prepare-empty');
    await takeSample(page);
    await hook(page, 'split').waitFor();
    await take(page, 'prepare');
    await takeVariants(page, 'prepare');
    await startRun(page);
    await takeRun(page);
    await waitForEnd(page, { timeoutMs: 20 * minuteMs });
    await goTo(page, 'Results');
    await visibleHook(page, 'download-adapter').waitFor();
    await take(page, 'results');
    await takeVariants(page, 'results');
  } finally {
    await browser.close();
    await server.close();
  }
}

await takePictures();
