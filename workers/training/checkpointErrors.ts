import { TuneletError } from '../api/errors';

/** `fault`: what about the file. */
export function damaged(fault: string): TuneletError {
  return new TuneletError(
    'checkpoint/damaged',
    `A checkpoint on this device cannot be read: ${fault}.`,
    'The one before it is used where there is one. Otherwise discard the run and start it again.',
    { fault },
  );
}

export function newerVersion(found: number, known: number): TuneletError {
  return new TuneletError(
    'checkpoint/version',
    `This run was saved by a newer Tunelet, in version ${found} of its checkpoints; this page knows version ${known}.`,
    'Reload the page to get the newer Tunelet, then continue the run. Nothing is lost.',
    { found, known },
  );
}

export function olderVersion(found: number, known: number): TuneletError {
  return new TuneletError(
    'checkpoint/version',
    `This run was saved by an older Tunelet, in version ${found} of its checkpoints, which this page no longer reads; it knows version ${known}.`,
    'Discard the run and start it again: its dataset and settings can be used as they are.',
    { found, known },
  );
}
