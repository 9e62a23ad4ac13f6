import type { FileRoom } from './fileRoom';
import { webLocks } from './locks';
import { openFileRoom } from './opfsRoom';

/** Files on their way out of the page: downloads that the browser copies from here, and what is being pushed to the Hub. */
const folders = ['exports', 'push'] as const;
/** Held, beside others, by every tab that has written such a file, as long as the tab is there. */
const lockName = 'tunelet-passing-files';

let held: Promise<void> | null = null;

/** As `openFileRoom`; what is written there lasts as long as this worker. */
export async function openPassingRoom(folder: (typeof folders)[number]): Promise<FileRoom | null> {
  const locks = webLocks();
  if (locks) await (held ??= hold(locks));
  return openFileRoom(folder);
}

/** Frees what tabs that are gone have left, which may be gigabytes; where a tab is there that has written some, nothing happens. */
export async function clearPassingFiles(): Promise<void> {
  await webLocks()?.request(lockName, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    for (const folder of folders) {
      const room = await openFileRoom(folder);
      for (const { name } of (await room?.list()) ?? []) await room?.remove(name);
    }
  });
}

function hold(locks: LockManager): Promise<void> {
  return new Promise((granted, fail) => {
    const untilTheEnd = new Promise<never>(() => {});
    const take = () => {
      granted();
      return untilTheEnd;
    };
    locks.request(lockName, { mode: 'shared' }, take).catch(fail);
  });
}
