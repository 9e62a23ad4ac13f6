import { webLocks } from './locks';

/** The right to write in a room, which one tab at a time has. */
export interface Turn {
  /** Aborts when another tab takes it. */
  readonly lost: AbortSignal;
  /** Asked of the browser: a tab that was frozen or busy hears late what another has done. */
  isMine(): Promise<boolean>;
  end(): void;
}

/** Where no other tab can be. */
export const undisputed: Turn = {
  lost: new AbortController().signal,
  isMine: async () => true,
  end: () => {},
};

/** Runs `work` when no other tab runs such work of that name. */
export async function inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = webLocks();
  return locks ? locks.request(name, work) : work();
}

/** Takes the turn of that name at once: whoever has it loses it. */
export async function takeTurn(name: string): Promise<Turn> {
  const locks = webLocks();
  if (!locks) return undisputed;
  const lost = new AbortController();
  const ending = new AbortController();
  await new Promise<void>((begin, fail) => {
    const held = new Promise<void>((end) => ending.signal.addEventListener('abort', () => end()));
    locks
      .request(name, { steal: true }, () => {
        begin();
        return held;
      })
      .catch((thrown: unknown) => {
        lost.abort();
        fail(thrown);
      });
  });
  const client = await holderOf(locks, name);
  return {
    lost: lost.signal,
    isMine: async () => (await holderOf(locks, name)) === client && !lost.signal.aborted,
    end: () => ending.abort(),
  };
}

async function holderOf(locks: LockManager, name: string): Promise<string | null> {
  const { held = [] } = await locks.query();
  return held.find((lock) => lock.name === name)?.clientId ?? null;
}
