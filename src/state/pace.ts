import { createStore } from 'zustand/vanilla';
import type { PaceEstimate } from '../../workers/api/pace';
import { trainer } from '../client/trainerClient';
import { currentGrants } from './memoryLimit';
import { isRunning } from './run';
import { runStore } from './runStore';
import { sessionStore } from './session';
import { currentReading } from './settings';
import { settled } from './settled';

export interface PaceState {
  /** Of the plan that stands; null while it is not known. */
  pace: PaceEstimate | null;
  /** It is being found out. */
  isPending: boolean;
}

export const paceStore = createStore<PaceState>(() => ({ pace: null, isPending: false }));

/** Who starts at once, or still changes settings, is not held up by a trial. */
const settleMs = 1200;

/** Asks how fast the planned run would go, a moment after its plan came; returns the way to stop. */
export function keepPaceFresh(): () => void {
  const { schedule, cancel } = settled(refresh, settleMs);
  const stop = sessionStore.subscribe(({ plan, planPending }, before) => {
    if (plan === before.plan && planPending === before.planPending) return;
    // Of other data or settings it would be wrong, not old.
    if (plan !== before.plan) paceStore.setState({ pace: null, isPending: plan !== null });
    if (plan && !planPending) schedule();
    else cancel();
  });
  return () => {
    cancel();
    stop();
  };
}

async function refresh(isWanted: () => boolean): Promise<void> {
  const { settings, problems } = currentReading();
  if (problems.length > 0 || isRunning(runStore.getState())) {
    paceStore.setState({ isPending: false });
    return;
  }
  // It waits for nothing and holds nothing up: the trial has an executor of its own. What stands in the way of a plan is told there.
  const pace = await trainer()
    .estimatePace(settings, currentGrants())
    .catch(() => null);
  if (isWanted()) paceStore.setState({ pace, isPending: false });
}
