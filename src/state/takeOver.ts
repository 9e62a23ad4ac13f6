import { createStore } from 'zustand/vanilla';
import { TuneletError } from '../../workers/api/errors';
import { stopTrainer, trainer } from '../client/trainerClient';
import { continueRun } from './resume';
import { leaveRun } from './runStore';
import { announce, contentOfWorker, sessionStore } from './session';
import { settingsStore } from './settings';
import { answerTakeOver, askForRun, leaveOtherTab } from './tabs';
import { bringBackDataset } from './visit';
import { renewWorker } from './worker';

/** Whether this tab is taking over the run of another. */
export const takeOverStore = createStore<{ isUnderWay: boolean }>(() => ({ isUnderWay: false }));

const saveWithinMs = 30_000;

/** Goes on here with the run of another tab, which saves it and lets go. From one that does not answer it is taken. */
export async function takeOver(): Promise<void> {
  if (takeOverStore.getState().isUnderWay) return;
  takeOverStore.setState({ isUnderWay: true });
  announce('Taking the run over.');
  const handed = await askForRun();
  leaveOtherTab();
  try {
    if (handed) {
      settingsStore.setState({ texts: handed.settings });
      await renewWorker(sessionStore.getState().preference, handed.content);
    } else if (!sessionStore.getState().dataset) await bringBackDataset(null);
  } finally {
    takeOverStore.setState({ isUnderWay: false });
  }
  await continueRun(handed ? 'wait' : 'steal');
}

/** Gives this tab's run away where another asks for it. */
export function handOverWhenAsked(): void {
  answerTakeOver({
    save: async () => {
      // What cannot be saved in time is lost back to the last checkpoint.
      await Promise.race([trainer().checkpointNow(), delay(saveWithinMs)]).catch(() => undefined);
      return { content: contentOfWorker(), settings: settingsStore.getState().texts };
    },
    letGo,
  });
}

/** Ends the worker, and with it all that it writes; a new one is ready for what the user does next. */
function letGo(): void {
  const content = contentOfWorker();
  stopTrainer(takenOver());
  leaveRun();
  void renewWorker(sessionStore.getState().preference, content);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function takenOver(): TuneletError {
  return new TuneletError('session/elsewhere', 'The run goes on in another tab.', 'Look there, or take it over again.');
}
