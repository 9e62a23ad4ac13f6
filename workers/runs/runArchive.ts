import type { KeptRun } from '../api/runs';
import type { Archive } from '../api/trainerApi';
import { TuneletError } from '../api/errors';
import { writeZipBlob } from '../files/zip';
import { readDetails } from './details';
import { readEntry, requireSameId, runVersion } from './entry';
import { runIdPattern } from './entryShape';
import { damaged, readJson, unpackRun } from './faults';
import { fields, oneOf, whole } from './shape';

/** A run's three files. */
export interface PackedRun {
  id: string;
  entry: Blob;
  details: Blob;
  adapter: Blob;
}

const format = 'tunelet runs';
const headerName = 'tunelet-runs.json';
const header = fields({ format: oneOf(format), version: whole(1) });
const path = /^runs\/([a-z0-9-]{8,64})\/(entry|details|adapter)\.zip$/;
const mostBytes = 1 << 30;
const limits = { entries: 3001, totalBytes: mostBytes, ratio: 200 };

/** A zip of runs; inside, each adapter is the zip that a download of it gives. */
export async function packRuns(runs: readonly PackedRun[]): Promise<Archive> {
  const about = new Blob([JSON.stringify({ format, version: runVersion })]);
  const files = runs.flatMap(({ id, ...parts }) =>
    Object.entries(parts).map(([kind, blob]) => ({ name: `runs/${id}/${kind}.zip`, blob })),
  );
  return { name: 'tunelet-runs.zip', blob: await writeZipBlob([{ name: headerName, blob: about }, ...files]) };
}

/** Reads and checks every part before anything is kept. Throws 'runs/damaged' or 'runs/newer-version'. */
export async function unpackRuns(file: File): Promise<{ run: KeptRun; details: Blob; adapter: Blob }[]> {
  const what = `The file ${file.name.slice(0, 100)}`;
  if (file.size > mostBytes) throw damaged(what, `it has ${file.size} bytes; at most ${mostBytes} are read`);
  const files = unpackRun(await bytesOf(file, what), what, limits);
  if (!files.has(headerName)) throw notRuns(what);
  const { version } = readJson(files.get(headerName), what, header);
  if (version > runVersion)
    throw damaged(what, `its format is ${version}, and this page reads ${runVersion}: reload the page first`);
  const runs = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>();
  for (const [name, bytes] of files) {
    const [, id, kind] = path.exec(name) ?? [];
    if (id === undefined || kind === undefined) continue;
    runs.set(id, (runs.get(id) ?? new Map<string, Uint8Array<ArrayBuffer>>()).set(kind, bytes));
  }
  if (runs.size === 0) throw damaged(what, 'it holds no run');
  return [...runs].map(([id, parts]) => checkedRun(id, parts, what));
}

function checkedRun(id: string, parts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, what: string) {
  const [entry, details, adapter] = [parts.get('entry'), parts.get('details'), parts.get('adapter')];
  if (!entry || !details || !adapter || !runIdPattern.test(id)) throw damaged(what, 'a run in it is not whole');
  const run = readEntry(entry);
  requireSameId(run, id);
  readDetails(details);
  // Looked into where it is used: what an adapter may hold depends on its model.
  unpackRun(adapter, `The adapter of ${what}`, { entries: 256, totalBytes: mostBytes, ratio: 200 });
  return { run, details: new Blob([details]), adapter: new Blob([adapter]) };
}

function notRuns(what: string): TuneletError {
  return new TuneletError(
    'runs/damaged',
    `${what} is no file of runs: it has no ${headerName}.`,
    'Choose a file that “Export” wrote. A downloaded adapter is imported on Prepare.',
    { file: what.slice(0, 120) },
  );
}

async function bytesOf(file: File, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw damaged(what, 'the disk did not give it; it may have been moved or changed');
  }
}
