import { runStore } from './runStore';
import { trainsHere } from './tabs';

/** Lets the browser ask before a tab that trains is closed or reloaded, and only then: pages that ask without need are in the way. */
export function warnBeforeLeaving(): void {
  let warns = false;
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  runStore.subscribe(({ phase }) => {
    const isWanted = trainsHere() && phase !== 'paused';
    if (isWanted === warns) return;
    warns = isWanted;
    if (warns) addEventListener('beforeunload', warn);
    else removeEventListener('beforeunload', warn);
  });
}
