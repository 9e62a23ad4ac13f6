import { TuneletError } from '../api/errors';

/** The refusal of what cannot be done while a run is under way. */
export function busy(what: string): TuneletError {
  return new TuneletError(
    'session/busy',
    `A run is under way, so Tunelet cannot ${what} now.`,
    'Wait for the run to end, or stop it and keep what it has learnt.',
  );
}
