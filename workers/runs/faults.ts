import { TuneletError } from '../api/errors';
import { readZip, type ZipLimits } from '../files/zip';
import { ShapeMismatch, type Shape } from './shape';

/** A run's file that cannot be what was written. */
export function damaged(what: string, fault: string): TuneletError {
  return new TuneletError(
    'runs/damaged',
    `${what} cannot be read: ${fault}.`,
    'Import the file of runs that you exported, or delete this run.',
    { file: what.slice(0, 120) },
  );
}

/** The files of a run's archive. Throws 'runs/damaged'. */
export function unpackRun(bytes: Uint8Array, what: string, limits: ZipLimits): Map<string, Uint8Array<ArrayBuffer>> {
  try {
    return readZip(bytes, what, limits);
  } catch (thrown) {
    if (!(thrown instanceof TuneletError)) throw thrown;
    throw new TuneletError(
      'runs/damaged',
      thrown.message,
      'Choose the file of runs as it was exported. A run that is kept here and damaged can be deleted.',
      thrown.details,
    );
  }
}

/** JSON of a known shape, and nothing else of it. Throws 'runs/damaged'. */
export function readJson<Value>(bytes: Uint8Array | undefined, what: string, shape: Shape<Value>): Value {
  if (!bytes) throw damaged(what, 'a part of it is missing');
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return shape(value, 'it');
  } catch (thrown) {
    if (thrown instanceof ShapeMismatch) throw damaged(what, thrown.message.slice(0, 200));
    // RangeError: nested beyond the stack.
    if (thrown instanceof SyntaxError || thrown instanceof TypeError || thrown instanceof RangeError)
      throw damaged(what, 'it is not JSON in UTF-8');
    throw thrown;
  }
}
