import { TuneletError } from '../api/errors';

/** What a lost device was doing can fail so long before the device says that it is lost. */
export const lossToldWithinMs = 500;

/** `reason`: in the browser's words; may be empty. */
export function lostError(reason: string): TuneletError {
  return new TuneletError(
    'device/lost',
    `The graphics device was lost: ${reason || 'the browser gave no reason'}`,
    'Try again: the next use opens the device anew. If it happens again, use a smaller batch or choose the processor as device.',
    { reason },
  );
}
