import { createStore } from 'zustand/vanilla';
import type { MemoryEstimate } from '../../workers/api/memory';
import { trainer } from '../client/trainerClient';
import { currentGrants, memoryLimitStore } from './memoryLimit';
import { inOrder } from './queue';
import { isRunning } from './run';
import { runStore } from './runStore';
import { sessionStore } from './session';
import { currentReading, settingsStore } from './settings';
import { settled } from './settled';

export interface MemoryEstimateState {
  /** Null while nothing is known of the model that is chosen. */
  estimate: MemoryEstimate | null;
}

export const memoryEstimateStore = createStore<MemoryEstimateState>(() => ({ estimate: null }));

// After the plan, which the same changes ask for.
const settleMs = 400;

/** Asks what a run takes under each storage of weights, a moment after something changed; returns the way to stop. */
export function keepEstimateFresh(): () => void {
  const { schedule, cancel } = settled(refresh, settleMs);
  const stops = [
    sessionStore.subscribe((state, before) => {
      const isOther = state.model !== before.model || state.device !== before.device;
      // Figures of another model would be wrong, not old.
      if (isOther) memoryEstimateStore.setState({ estimate: null });
      if (isOther || state.dataset !== before.dataset) schedule();
    }),
    settingsStore.subscribe(schedule),
    memoryLimitStore.subscribe(schedule),
    runStore.subscribe((state, before) => {
      if (isRunning(before) && !isRunning(state)) schedule();
    }),
  ];
  schedule();
  return () => {
    cancel();
    memoryEstimateStore.setState({ estimate: null });
    for (const stop of stops) stop();
  };
}

async function refresh(isWanted: () => boolean): Promise<void> {
  const { model, device } = sessionStore.getState();
  const { settings, problems } = currentReading();
  if (!model || !device || problems.length > 0 || isRunning(runStore.getState())) return;
  try {
    const estimate = await inOrder(async () => (isWanted() ? trainer().estimateMemory(settings, currentGrants()) : null));
    if (estimate && isWanted()) memoryEstimateStore.setState({ estimate });
  } catch {
    // The plan of the same settings is refused for the same reason, and says it.
    if (isWanted()) memoryEstimateStore.setState({ estimate: null });
  }
}
