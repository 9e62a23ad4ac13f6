import { TuneletError } from '../api/errors';
import { readableBytes } from './readableBytes';

/** Says which file could not be written, and what makes room. */
export function quotaError(what: string, neededBytes: number | null, freeBytes: number | null): TuneletError {
  const need = neededBytes === null ? 'does not fit' : `needs ${readableBytes(neededBytes)}`;
  // What the browser grants is an estimate: where it names more than the disk has, it is no help.
  const isKnown = freeBytes !== null && freeBytes < (neededBytes ?? Infinity);
  const free = isKnown ? `, and ${readableBytes(Math.max(0, freeBytes))} are left` : '';
  return new TuneletError(
    'storage/quota',
    `${what} ${need} in what the browser lets this page keep on the device${free}.`,
    'Delete a kept model that you no longer need, free space on the disk, or leave private browsing, then go on: what is here stays.',
    { ...(neededBytes !== null && { neededBytes }), ...(freeBytes !== null && { freeBytes }) },
  );
}

/** Of a file that was there a moment ago. */
export function clearedError(name: string, cause: string): TuneletError {
  return new TuneletError(
    'storage/unavailable',
    `The browser has cleared what this page keeps on the device, ${name} among it.`,
    'What is in this tab stays. Try again: it is written anew.',
    { file: name, cause, isCleared: true },
  );
}

/** Whether a file is gone that was there a moment ago. */
export function isCleared(thrown: unknown): boolean {
  return thrown instanceof TuneletError && thrown.details['isCleared'] === true;
}

/** Turns what the browser's file system throws into words; anything else passes as it is. */
export function storageError(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof DOMException)) return thrown;
  if (thrown.name === 'QuotaExceededError') return quotaError(name, null, null);
  if (thrown.name === 'NotFoundError') return clearedError(name, thrown.message);
  if (thrown.name === 'NoModificationAllowedError' || thrown.name === 'InvalidStateError') {
    return new TuneletError(
      'storage/busy',
      `${name} is being written by another tab of this page.`,
      'Wait until that tab has finished its download, or close it, then try again.',
      { file: name, cause: thrown.message },
    );
  }
  return new TuneletError(
    'storage/unavailable',
    `The browser’s storage did not take or give ${name} (${thrown.name}).`,
    'Reload the page. If it happens again, delete the kept model and download it anew.',
    { file: name, cause: thrown.message },
  );
}
