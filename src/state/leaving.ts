import { exportingStore } from './exporting';
import { pushStore } from './push';
import { runStore } from './runStore';
import { trainsHere } from './tabs';

/**
 * Lets the browser ask before a tab that trains, writes a model or pushes one is closed or reloaded, and only then: pages that ask
 * without need are in the way.
 */
export function warnBeforeLeaving(): void {
  let warns = false;
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  const look = () => {
    const trains = trainsHere() && runStore.getState().phase !== 'paused';
    const isWanted = trains || exportingStore.getState().writing !== null || pushStore.getState().isPushing;
    if (isWanted === warns) return;
    warns = isWanted;
    if (warns) addEventListener('beforeunload', warn);
    else removeEventListener('beforeunload', warn);
  };
  for (const store of [runStore, exportingStore, pushStore]) store.subscribe(look);
}
