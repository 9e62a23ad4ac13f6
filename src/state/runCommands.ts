import { reportOf } from '../../workers/api/errors';
import { trainer } from '../client/trainerClient';
import { goTo } from './place';
import { inOrder } from './queue';
import { runStore, showResult } from './run';
import { announce, sessionStore } from './session';
import { currentSettings } from './settings';

/** Starts a run with the settings of the draft and shows Run; a refusal before the run began brings Prepare back. */
export async function startRun(from: 'fresh' | 'adapter'): Promise<void> {
  sessionStore.setState({ runError: null });
  goTo('run');
  try {
    // What is still being read must be in before the run takes it.
    await inOrder(async () => undefined);
    await trainer().start(currentSettings(), from);
  } catch (thrown) {
    // A run that failed on its way has said so by an event.
    if (runStore.getState().phase === 'failed') return;
    sessionStore.setState({ runError: reportOf(thrown) });
    goTo('prepare');
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

/** Evaluates the imported adapter and shows Results. */
export async function evaluateAdapter(): Promise<void> {
  await command(async () => {
    announce('Evaluating the adapter.');
    showResult(await inOrder(() => trainer().evaluateAdapter()));
    goTo('results');
    announce('The adapter is evaluated.');
  });
}

async function command(act: () => Promise<unknown>): Promise<void> {
  sessionStore.setState({ runError: null });
  try {
    await act();
  } catch (thrown) {
    sessionStore.setState({ runError: reportOf(thrown) });
  }
}
