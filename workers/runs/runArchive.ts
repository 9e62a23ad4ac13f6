import type { KeptRun } from '../api/runs';
import type { Archive } from '../api/trainerApi';
import { TuneletError } from '../api/errors';
import { writeZipBlob } from '../files/zip';
import { openZipBlob, type PackedPart } from '../files/zipBlob';
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
/** A zip of the usual kind has room for so much; no more than a part is read at once. */
const mostBytes = 0xffff0000;
/** Predictions of some million texts, or an adapter of a hundred million numbers. */
const mostPartBytes = 512 << 20;
const limits = { entries: 3001, totalBytes: mostBytes, ratio: 200 };

/** A zip of runs; inside, each adapter is the zip that a download of it gives. */
export async function packRuns(runs: readonly PackedRun[]): Promise<Archive> {
  const about = new Blob([JSON.stringify({ format, version: runVersion })]);
  const files = runs.flatMap(({ id, ...parts }) =>
    Object.entries(parts).map(([kind, blob]) => ({ name: `runs/${id}/${kind}.zip`, blob })),
  );
  return { name: 'tunelet-runs.zip', blob: await writeZipBlob([{ name: headerName, blob: about }, ...files]) };
}

/** A run of a file, checked; its parts lie there until they are asked for. */
export interface UnpackedRun {
  run: KeptRun;
  part(kind: 'details' | 'adapter'): Promise<Blob>;
}

/** Reads and checks every part, one after the other, before anything is kept. Throws 'runs/damaged' or 'runs/newer-version'. */
export async function unpackRuns(file: File): Promise<UnpackedRun[]> {
  const what = `The file ${file.name.slice(0, 100)}`;
  const fail = (fault: string): never => {
    throw damaged(what, fault);
  };
  if (file.size > mostBytes) fail(`it has ${file.size} bytes; at most ${mostBytes} are read`);
  const files = await openZipBlob(file, limits, fail);
  const head = files.get(headerName);
  if (!head) throw notRuns(what);
  requireSize(headerName, head, fail);
  const { version } = readJson(await head.unpack(), what, header);
  if (version > runVersion) fail(`its format is ${version}, and this page reads ${runVersion}: reload the page first`);
  const runs = new Map<string, Map<string, PackedPart>>();
  for (const [name, part] of files) {
    const [, id, kind] = path.exec(name) ?? [];
    if (id === undefined || kind === undefined) continue;
    requireSize(name, part, fail);
    runs.set(id, (runs.get(id) ?? new Map<string, PackedPart>()).set(kind, part));
  }
  if (runs.size === 0) fail('it holds no run');
  const unpacked: UnpackedRun[] = [];
  for (const [id, parts] of runs) unpacked.push(await checkedRun(id, parts, what));
  return unpacked;
}

function requireSize(name: string, { sizeBytes }: PackedPart, fail: (fault: string) => never): void {
  if (sizeBytes > mostPartBytes) fail(`its part “${name}” has ${sizeBytes} bytes; at most ${mostPartBytes} are read`);
}

async function checkedRun(id: string, parts: ReadonlyMap<string, PackedPart>, what: string): Promise<UnpackedRun> {
  const [entry, details, adapter] = [parts.get('entry'), parts.get('details'), parts.get('adapter')];
  if (!entry || !details || !adapter || !runIdPattern.test(id)) throw damaged(what, 'a run in it is not whole');
  const run = readEntry(await entry.unpack());
  requireSameId(run, id);
  readDetails(await details.unpack());
  // Looked into where it is used: what an adapter may hold depends on its model.
  unpackRun(await adapter.unpack(), `The adapter of ${what}`, { entries: 256, totalBytes: mostPartBytes, ratio: 200 });
  const of = { details, adapter };
  return { run, part: async (kind) => new Blob([await of[kind].unpack()]) };
}

function notRuns(what: string): TuneletError {
  return new TuneletError(
    'runs/damaged',
    `${what} is no file of runs: it has no ${headerName}.`,
    'Choose a file that “Export” wrote. A downloaded adapter is imported on Prepare.',
    { file: what.slice(0, 120) },
  );
}
