import { runStore } from './runStore';
import { trainsHere } from './tabs';

let held: WakeLockSentinel | null = null;
let asking = false;

/** Keeps the computer from falling asleep while this tab trains, and no longer. The browser takes the lock from a hidden page; it is asked for again. */
export function stayAwakeWhileTraining(): void {
  if (!('wakeLock' in navigator)) return;
  const update = () => void settle();
  runStore.subscribe((run, before) => {
    if (run.phase !== before.phase) update();
  });
  document.addEventListener('visibilitychange', update);
}

async function settle(): Promise<void> {
  const isWanted = trainsHere() && runStore.getState().phase !== 'paused' && !document.hidden;
  if (!isWanted) {
    await held?.release();
    held = null;
    return;
  }
  if (held?.released === false || asking) return;
  asking = true;
  // Refused where the battery runs low: the run goes on all the same, and what is lost to a sleep is nothing.
  held = await navigator.wakeLock.request('screen').catch(() => null);
  asking = false;
  // The run may have ended while the browser thought about it.
  if (held && !trainsHere()) await settle();
}
