import { TuneletError } from '../api/errors';
import type { KeptRun } from '../api/runs';
import { writeZip } from '../files/zip';
import { keptRun } from './entryShape';
import { damaged, readJson, unpackRun } from './faults';
import { fields, oneOf, whole } from './shape';

/** Later versions of this page may write runs in a way that this one does not know; each is told by its number. */
export const runVersion = 1;

const entryName = 'run.json';
const format = 'tunelet run';
/** Ten million characters of prompt would be a strange prompt. */
const entryLimits = { entries: 1, totalBytes: 16 << 20, ratio: 200 };
const header = fields({ format: oneOf(format), version: whole(1) });

/**
 * A run's list entry as bytes with a checksum.
 * @throws TuneletError 'runs/damaged' for an entry that could not be read again
 */
export function writeEntry(run: KeptRun): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify({ format, version: runVersion, run }));
  const bytes = writeZip(new Map([[entryName, json]]));
  readEntry(bytes);
  return bytes;
}

/** @throws TuneletError 'runs/damaged', 'runs/newer-version' */
export function readEntry(bytes: Uint8Array): KeptRun {
  const file = unpackRun(bytes, 'The run', entryLimits).get(entryName);
  const { version } = readJson(file, 'The run', header);
  if (version !== runVersion) {
    throw new TuneletError(
      'runs/newer-version',
      `This run was written by a newer Tunelet: its format is ${version}, and this page reads ${runVersion}.`,
      'Reload the page to get the newest version. The run stays as it is.',
      { version },
    );
  }
  return readJson(file, 'The run', (value, path) => fields({ run: keptRun })(value, path).run);
}

/** Throws 'runs/damaged' where an imported run goes by a name that is not its own. */
export function requireSameId(run: KeptRun, id: string): void {
  if (run.id !== id) throw damaged('The run', 'its parts belong to different runs');
}
