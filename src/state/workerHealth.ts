import { createStore } from 'zustand/vanilla';
import { trainer } from '../client/trainerClient';

const askEveryMs = 15_000;
/** Longer than any step or any part of a file takes, on slow machines too. */
const silentAfterMs = 120_000;

export interface HealthState {
  /** It lives, but has answered nothing for so long that it may never again. */
  isSilent: boolean;
}

export const healthStore = createStore<HealthState>(() => ({ isSilent: false }));

let isAsked = false;
let silentMs = 0;
let lastTickMs = 0;

/** Any word of the worker. */
export function heardFromWorker(): void {
  silentMs = 0;
  if (healthStore.getState().isSilent) healthStore.setState({ isSilent: false });
}

/** Asks the worker from time to time whether it still answers. Only time in which the page itself was awake counts. */
export function watchWorker(): void {
  setInterval(tick, askEveryMs);
}

function tick(): void {
  const nowMs = performance.now();
  const awakeMs = Math.min(nowMs - lastTickMs, askEveryMs);
  lastTickMs = nowMs;
  if (isAsked) {
    silentMs += awakeMs;
    if (silentMs >= silentAfterMs) healthStore.setState({ isSilent: true });
    return;
  }
  void ask();
}

async function ask(): Promise<void> {
  isAsked = true;
  try {
    await trainer().ping();
    heardFromWorker();
  } catch {
    // There is no worker, or it has ended, and that is told elsewhere.
    heardFromWorker();
  } finally {
    isAsked = false;
  }
}
