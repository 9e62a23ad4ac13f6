import { createStore } from 'zustand/vanilla';
import type { DatasetKeeping } from '../../workers/api/keptDataset';
import { reportOf } from '../../workers/api/errors';
import { trainer } from '../client/trainerClient';
import { recall, remember } from './remembered';
import { announce } from './session';

const storageKey = 'tunelet-keep-data';

export interface KeepingState {
  /** Whether data, choice of model and settings are kept on this device for the next visit; so unless it was switched off. */
  isWanted: boolean;
  keeping: DatasetKeeping;
}

export const keepingStore = createStore<KeepingState>(() => ({
  isWanted: recall(storageKey) !== 'off',
  keeping: { state: 'empty' },
}));

export function receiveKeeping(keeping: DatasetKeeping): void {
  keepingStore.setState({ keeping });
}

/** Off deletes what is kept. */
export async function setKeeping(isWanted: boolean): Promise<void> {
  keepingStore.setState({ isWanted });
  remember(storageKey, isWanted ? null : 'off');
  await tellKeeping();
  if (keepingStore.getState().keeping.state !== 'failed')
    announce(isWanted ? 'The dataset is kept on this device.' : 'What was kept of the dataset is deleted.');
}

/** Tells the worker, which keeps nothing until it hears this. */
export async function tellKeeping(): Promise<void> {
  const { isWanted } = keepingStore.getState();
  try {
    await trainer().keepDataset(isWanted);
  } catch (thrown) {
    const name = isWanted ? 'The dataset' : 'What was kept of the dataset';
    keepingStore.setState({ keeping: { state: 'failed', name, report: reportOf(thrown) } });
  }
}
