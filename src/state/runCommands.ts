import type { WayOn } from '../../workers/api/deviceWait';
import { reportOf } from '../../workers/api/errors';
import { trainer } from '../client/trainerClient';
import { currentGrants } from './memoryLimit';
import { askToPersist } from './persistence';
import { goTo, goToPart } from './place';
import { inOrder } from './queue';
import { restoreRun, runStore, showResult } from './runStore';
import { announce, sessionStore } from './session';
import { currentSettings } from './settings';
import { asTrainingTab, type TurnToTrain } from './tabs';

/** Starts a run with the settings of the draft. */
export async function startRun(from: 'fresh' | 'adapter'): Promise<void> {
  void askToPersist();
  await train(async () => trainer().start(currentSettings(), from, currentGrants()), 'if-free');
}

/** Has the worker train, as the one tab that does, and shows Run; a refusal before the run began brings Prepare back. */
export async function train(run: () => Promise<unknown>, turn: TurnToTrain): Promise<void> {
  sessionStore.setState({ runError: null });
  const before = runStore.getState();
  goTo('run');
  try {
    // What is still being read must be in before the run takes it.
    await inOrder(async () => undefined);
    await asTrainingTab(run, turn);
  } catch (thrown) {
    // A run that began says by an event why it failed, and that may come later than this: it has a port of its own.
    if (runStore.getState() !== before) return;
    refuse(thrown);
  }
}

export async function pauseRun(): Promise<void> {
  await command(() => trainer().pause());
}

export async function resumeRun(): Promise<void> {
  await command(() => trainer().resume());
}

/** Ends the run after the step under way and keeps what is trained. */
export async function stopRun(): Promise<void> {
  await command(() => trainer().stop());
}

/** How a run that waits for its graphics device goes on; `device`: it is tried at once. */
export async function goOn(way: WayOn): Promise<void> {
  await command(() => trainer().goOn(way));
}

/** Evaluates the imported adapter and shows Results. */
export async function evaluateAdapter(): Promise<void> {
  sessionStore.setState({ runError: null, evaluating: true });
  announce('Evaluating the adapter.');
  const before = runStore.getState();
  try {
    showResult(await inOrder(async () => trainer().evaluateAdapter()));
    goTo('results');
    announce('The adapter is evaluated.');
  } catch (thrown) {
    // Its phases have taken the place of the earlier result, which is still in the worker.
    restoreRun(before);
    refuse(thrown);
  } finally {
    sessionStore.setState({ evaluating: false });
  }
}

/** Shows why nothing was started, where the user can mend it. */
export function refuse(thrown: unknown): void {
  sessionStore.setState({ runError: reportOf(thrown) });
  goToPart('notices');
}

async function command(act: () => Promise<unknown>): Promise<void> {
  sessionStore.setState({ runError: null });
  try {
    await act();
  } catch (thrown) {
    sessionStore.setState({ runError: reportOf(thrown) });
  }
}
