import { webLocks } from './locks';

/** The right to write in a room, which one tab at a time has. */
export interface Turn {
  /** Aborts when another tab takes it. */
  readonly lost: AbortSignal;
  /**
   * Does `work` if the turn is still this tab's; false where it is not. Asked of the browser, for a tab that was frozen or busy hears
   * late what another has done. Who takes the turn waits a while for work that has begun.
   */
  whileMine(work: () => Promise<void>): Promise<boolean>;
  end(): void;
}

/** Where no other tab can be. */
export const undisputed: Turn = {
  lost: new AbortController().signal,
  whileMine: async (work) => {
    await work();
    return true;
  },
  end: () => {},
};

/** Runs `work` when no other tab runs such work of that name. */
export async function inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = webLocks();
  return locks ? locks.request(name, work) : work();
}

/** Takes the turn of that name at once: whoever has it loses it, and is given a moment to end what it writes. */
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
  await endOfWriting(locks, name);
  return {
    lost: lost.signal,
    whileMine: (work) =>
      whileWriting(name, async () => {
        if (lost.signal.aborted || (await holderOf(locks, name)) !== client) return false;
        await work();
        return true;
      }),
    end: () => ending.abort(),
  };
}

const writtenWithinMs = 5_000;

const writingOf = (name: string): string => `${name}-writing`;

async function whileWriting(name: string, work: () => Promise<boolean>): Promise<boolean> {
  return inTurn(writingOf(name), work).catch((thrown: unknown) => {
    // Another tab has waited long enough.
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return false;
    throw thrown;
  });
}

/** From a tab that is frozen amid its writing the right is taken. */
async function endOfWriting(locks: LockManager, name: string): Promise<void> {
  const signal = AbortSignal.timeout(writtenWithinMs);
  const nothing = (): void => {};
  await locks.request(writingOf(name), { signal }, nothing).catch(() => locks.request(writingOf(name), { steal: true }, nothing));
}

async function holderOf(locks: LockManager, name: string): Promise<string | null> {
  const { held = [] } = await locks.query();
  return held.find((lock) => lock.name === name)?.clientId ?? null;
}
