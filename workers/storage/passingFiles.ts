import type { StorageUse } from '../api/hub';
import type { FileRoom } from './fileRoom';
import { webLocks } from './locks';
import { openFileRoom } from './opfsRoom';
import { storeStream } from './storeStream';

/** Files on their way out of the page: downloads that the browser copies from here, and what is being pushed to the Hub. */
const folders = ['exports', 'push'] as const;
/** Held, beside others, by every tab that has written such a file, as long as the tab is there. */
const lockName = 'tunelet-passing-files';

let held: Promise<void> | null = null;

/** Files that last as long as this worker, beside those of other tabs. Null where the browser keeps nothing. */
export async function openPassingRoom(folder: (typeof folders)[number]): Promise<PassingRoom | null> {
  const locks = webLocks();
  if (locks) await (held ??= hold(locks));
  const room = await openFileRoom(folder);
  return room && new PassingRoom(room);
}

/** Names begin with it: another tab's file may still be on its way. Made where there are files: insecure pages have neither. */
let own: string | null = null;

export class PassingRoom {
  readonly #room: FileRoom;
  readonly #own = (own ??= `${crypto.randomUUID()}-`);

  constructor(room: FileRoom) {
    this.#room = room;
  }

  use(): Promise<StorageUse> {
    return this.#room.use();
  }

  /** @throws TuneletError 'storage/quota', and what the stream breaks with; nothing of it stays then */
  store(name: string, stream: ReadableStream<Uint8Array>): Promise<Blob> {
    return storeStream(this.#room, this.#own + name, stream);
  }

  /** Removes what this worker has written here. */
  async clear(): Promise<void> {
    for (const { name } of await this.#room.list()) if (name.startsWith(this.#own)) await this.#room.remove(name);
  }
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
