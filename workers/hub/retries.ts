import { TuneletError } from '../api/errors';

/** A busy Hub is not waited for longer than this; its words then say when to come back. */
const longestWaitMs = 30_000;

/** As often as a request is repeated that brought nothing. */
export const mostRepeats = 4;

/**
 * How long to wait before a request is repeated: what the Hub asks for, or a delay that doubles. Null where a repeat is of no
 * use: for refusals, and where the Hub asks for more patience than a user has.
 * @param failures so far, from 1
 */
export function delayBeforeRepeat(error: unknown, failures: number, retryDelayMs: number): number | null {
  if (!(error instanceof TuneletError) || failures > mostRepeats) return null;
  if (error.code !== 'hub/busy' && error.code !== 'hub/offline') return null;
  const asked = error.details['retryAfterSeconds'];
  if (typeof asked === 'number') return asked * 1000 > longestWaitMs ? null : asked * 1000;
  return Math.min(longestWaitMs, retryDelayMs * 2 ** (failures - 1));
}

/** Repeats a request while the Hub is busy. @throws what the last attempt threw; the signal's reason when it aborts */
export async function whileBusy<Result>(
  attempt: () => Promise<Result>,
  options: { retryDelayMs: number; signal?: AbortSignal | undefined },
): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const delayMs = delayBeforeRepeat(error, failures, options.retryDelayMs);
      if (delayMs === null || !(error instanceof TuneletError) || error.code !== 'hub/busy') throw error;
      await pause(delayMs, options.signal);
    }
  }
}

/** @throws the signal's reason when it aborts */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
  signal?.throwIfAborted();
}
