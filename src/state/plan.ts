import { reportOf } from '../../workers/api/errors';
import { trainer } from '../client/trainerClient';
import { currentGrants, memoryLimitStore } from './memoryLimit';
import { inOrder } from './queue';
import { isRunning } from './run';
import { runStore } from './runStore';
import { sessionStore, type SessionState } from './session';
import { currentReading, settingsStore } from './settings';
import { settled } from './settled';

const settleMs = 250;

/** Asks the worker for a plan a moment after dataset, model or settings changed; returns the way to stop. */
export function keepPlanFresh(): () => void {
  const { schedule, cancel } = settled(refresh, settleMs);
  const stops = [
    sessionStore.subscribe((state, before) => {
      if (!concerns(state, before)) return;
      // Figures of other data or another model would be wrong, not old.
      if (state.plan) sessionStore.setState({ plan: null });
      schedule();
    }),
    settingsStore.subscribe(schedule),
    memoryLimitStore.subscribe(schedule),
    runStore.subscribe((state, before) => {
      if (isRunning(before) && !isRunning(state)) schedule();
    }),
  ];
  return () => {
    cancel();
    for (const stop of stops) stop();
  };
}

function concerns(state: SessionState, before: SessionState): boolean {
  return state.dataset !== before.dataset || state.model !== before.model || state.device !== before.device;
}

/** `again`: asks once more, where a change of the data ended the counting of their tokens. */
async function refresh(isWanted: () => boolean, again: () => void): Promise<void> {
  const { dataset, model, device } = sessionStore.getState();
  if (!dataset || !model || !device) {
    sessionStore.setState({ plan: null, planPending: false, planError: null });
    return;
  }
  const { settings, problems } = currentReading();
  // A draft with a problem has no cost yet; the field says why. During a run the worker has other work.
  if (problems.length > 0 || isRunning(runStore.getState())) {
    sessionStore.setState({ planPending: false });
    return;
  }
  sessionStore.setState({ planPending: true });
  try {
    const plan = await inOrder(async () => (isWanted() ? trainer().planRun(settings, currentGrants()) : null));
    if (plan && isWanted()) sessionStore.setState({ plan, planPending: false, planError: null });
  } catch (thrown) {
    if (!isWanted()) return;
    const report = reportOf(thrown);
    if (report.code === 'data/cancelled') again();
    else sessionStore.setState({ plan: null, planPending: false, planError: report });
  }
}
