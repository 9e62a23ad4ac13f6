import { createStore } from 'zustand/vanilla';
import { recall, remember } from './remembered';

const storageKey = 'tunelet-asked-to-persist';

/** Whether the browser keeps what is stored until the user deletes it, or may clear it when the disk runs short; null: it does not tell. */
export const persistenceStore = createStore<{ isPersistent: boolean | null }>(() => ({ isPersistent: null }));

/** What was granted on an earlier visit. */
export async function recallPersistence(): Promise<void> {
  if (!navigator.storage?.persisted) return;
  persistenceStore.setState({ isPersistent: await navigator.storage.persisted().catch(() => null) });
}

/** Asks the browser not to clear what is kept: where work begins that is worth keeping, and once, since some browsers ask the user. */
export async function askToPersist(): Promise<void> {
  if (!navigator.storage?.persist || persistenceStore.getState().isPersistent || recall(storageKey) !== null) return;
  remember(storageKey, 'yes');
  persistenceStore.setState({ isPersistent: await navigator.storage.persist().catch(() => null) });
}
