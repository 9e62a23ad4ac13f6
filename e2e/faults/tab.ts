import type { Page } from '@playwright/test';
import { trainerWorker } from './devices';

/** The page's process ends, its workers with it, as by "Aw, Snap!". */
export async function crashPage(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // It does not answer: the process that would is gone.
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** The trainer's worker ends without a word, as one does that the browser kills for its memory. */
export async function endWorker(page: Page): Promise<void> {
  const worker = await trainerWorker(page);
  const closed = new Promise((resolve) => worker.once('close', resolve));
  await worker.evaluate(() => close()).catch(() => undefined);
  await closed;
}

/** Tells the page that it is frozen or active again, as a tab in the background of a phone is; its tasks and its worker go on all the same. */
export async function setLifecycle(page: Page, state: 'frozen' | 'active'): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state });
}

/** The clocks of page and worker jump, as after a sleep, or when the user sets the device's clock. */
export async function jumpClock(page: Page, byMs: number): Promise<void> {
  const jump = (jumpMs: number): void => {
    const { now } = Date;
    Date.now = () => now() + jumpMs;
    // What measures durations jumps as well where the device slept.
    if (jumpMs > 0) {
      const measured = performance.now.bind(performance);
      performance.now = () => measured() + jumpMs;
    }
  };
  await page.evaluate(jump, byMs);
  await (await trainerWorker(page)).evaluate(jump, byMs);
}
