import { createStore } from 'zustand/vanilla';
import { recall, remember } from './remembered';

const storageKey = 'tunelet-tuning';

/** Whether kernels are measured on a graphics device; on unless it was switched off on this device. */
export const tuningStore = createStore<{ isOn: boolean }>(() => ({ isOn: recall(storageKey) !== 'off' }));

/** For workers started from now on. */
export function setTuning(isOn: boolean): void {
  tuningStore.setState({ isOn });
  remember(storageKey, isOn ? null : 'off');
}
