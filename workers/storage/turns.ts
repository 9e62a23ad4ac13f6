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
  return 'locks' in navigator ? navigator.locks.request(name, work) : work();
}

/** Takes the turn of that name at once: whoever has it loses it. */
export async function takeTurn(name: string): Promise<Turn> {
  if (!('locks' in navigator)) return undisputed;
  const lost = new AbortController();
  const ending = new AbortController();
  await new Promise<void>((begin, fail) => {
    const held = new Promise<void>((end) => ending.signal.addEventListener('abort', () => end()));
    navigator.locks
      .request(name, { steal: true }, () => {
        begin();
        return held;
      })
      .catch((thrown: unknown) => {
        lost.abort();
        fail(thrown);
      });
  });
  const client = await holderOf(name);
  return {
    lost: lost.signal,
    isMine: async () => (await holderOf(name)) === client && !lost.signal.aborted,
    end: () => ending.abort(),
  };
}

async function holderOf(name: string): Promise<string | null> {
  const { held = [] } = await navigator.locks.query();
  return held.find((lock) => lock.name === name)?.clientId ?? null;
}
