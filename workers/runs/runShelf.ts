import { reportOf, TuneletError } from '../api/errors';
import type { ImportedRuns, KeptRun, KeptRuns, ListedRun } from '../api/runs';
import type { Archive } from '../api/trainerApi';
import { MemoryRoom } from '../storage/memoryRoom';
import type { FileRoom } from '../storage/fileRoom';
import { quotaError } from '../storage/storageErrors';
import { readDetails, writeDetails, type RunDetails } from './details';
import { readEntry, writeEntry } from './entry';
import { runIdPattern } from './entryShape';
import { packRuns, unpackRuns, type PackedRun } from './runArchive';

/** A run to be kept; its number comes from the shelf. */
export interface NewRun {
  run: Omit<KeptRun, 'number'>;
  details: RunDetails;
  /** The zip that a download of the adapter gives. */
  adapter: Blob;
}

/** A run's files: the entry is written last and removed first, so that a run is on the shelf whole or not at all. */
const kinds = ['details', 'adapter', 'entry'] as const;
type Kind = (typeof kinds)[number];
const entryEnd = '.entry';
/** Entries are small; what is larger is none. */
const mostEntryBytes = 32 << 20;
const mostRuns = 10_000;
const memoryBytes = 1 << 30;

/** Runs that are kept on the device, each in three files; in memory where the browser keeps nothing. */
export class RunShelf {
  readonly isOnDevice: boolean;
  readonly #room: FileRoom;
  /** What writes does so one after the other, also where tabs do: a number is given once. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(room: FileRoom | null) {
    this.isOnDevice = room !== null;
    this.#room = room ?? new MemoryRoom(memoryBytes);
  }

  /** Reads the entries alone; one that is damaged is told and stays. */
  async list(): Promise<KeptRuns> {
    const files = await this.#room.list();
    const runs: ListedRun[] = [];
    const damaged: KeptRuns['damaged'] = [];
    for (const id of idsOf(files).slice(0, mostRuns)) {
      const sizeBytes = sizeOf(files, id);
      try {
        runs.push({ ...(await this.entry(id)), sizeBytes });
      } catch (thrown) {
        // Deleted by another tab since.
        const report = reportOf(thrown);
        if (report.code !== 'runs/not-found') damaged.push({ id, sizeBytes, report });
      }
    }
    runs.sort((first, second) => second.number - first.number);
    return { runs, damaged, usedBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0), isOnDevice: this.isOnDevice };
  }

  /** @throws TuneletError 'storage/quota', and then nothing of the run stays */
  async keep({ run, details, adapter }: NewRun): Promise<KeptRun> {
    return this.#inTurn(async () => {
      const kept: KeptRun = { ...run, number: await this.#nextNumber() };
      await this.#write(kept, { details: new Blob([writeDetails(details)]), adapter });
      return kept;
    });
  }

  /** @throws TuneletError 'runs/not-found', 'runs/damaged', 'runs/newer-version' */
  async entry(id: string): Promise<KeptRun> {
    const blob = await this.#read(id, 'entry');
    if (blob.size > mostEntryBytes) throw lost(id);
    return readEntry(await bytesOf(blob));
  }

  /** As `entry`. */
  async details(id: string): Promise<RunDetails> {
    return readDetails(await bytesOf(await this.#read(id, 'details')));
  }

  /** As `entry`. */
  async adapter(id: string): Promise<Blob> {
    return this.#read(id, 'adapter');
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#inTurn(async () => {
      const run = await this.entry(id);
      await this.#room.write(fileOf(id, 'entry'), writeEntry({ ...run, name, isRenamed: true }));
    });
  }

  /** A run that is not there is gone already. */
  async remove(id: string): Promise<void> {
    requireId(id);
    await this.#inTurn(async () => {
      for (const kind of kinds.toReversed()) await this.#room.remove(fileOf(id, kind));
    });
  }

  /** One file that `import` reads, here or on another device. */
  async export(ids: readonly string[]): Promise<Archive> {
    const packed: PackedRun[] = [];
    for (const id of ids) {
      const [entry, details, adapter] = await Promise.all([
        this.#read(id, 'entry'),
        this.#read(id, 'details'),
        this.#read(id, 'adapter'),
      ]);
      packed.push({ id, entry, details, adapter });
    }
    return packRuns(packed);
  }

  /**
   * Takes up the runs of a file that are not here yet, all of them or none. A number that is taken is not given twice.
   * @throws TuneletError 'runs/damaged', 'runs/newer-version', 'storage/quota'
   */
  async import(file: File): Promise<ImportedRuns> {
    const runs = await unpackRuns(file);
    return this.#inTurn(async () => {
      const here = new Set(idsOf(await this.#room.list()));
      const fresh = runs.filter(({ run }) => !here.has(run.id)).sort((first, second) => first.run.number - second.run.number);
      const written: string[] = [];
      try {
        for (const { run, part } of fresh) {
          const parts = { details: await part('details'), adapter: await part('adapter') };
          await this.#write({ ...run, number: await this.#numberFor(run.number) }, parts);
          written.push(run.id);
        }
      } catch (thrown) {
        for (const id of written) for (const kind of kinds.toReversed()) await this.#room.remove(fileOf(id, kind));
        throw thrown;
      }
      return { added: fresh.length, known: runs.length - fresh.length };
    });
  }

  async #write(run: KeptRun, parts: Record<'details' | 'adapter', Blob>): Promise<void> {
    const entry = writeEntry(run);
    try {
      await this.#room.write(fileOf(run.id, 'details'), await bytesOf(parts.details));
      await this.#room.write(fileOf(run.id, 'adapter'), await bytesOf(parts.adapter));
      await this.#room.write(fileOf(run.id, 'entry'), entry);
    } catch (thrown) {
      for (const kind of kinds.toReversed()) {
        await this.#room.remove(fileOf(run.id, kind));
        await this.#room.remove(`${fileOf(run.id, kind)}.tmp`);
      }
      if (!(thrown instanceof TuneletError) || thrown.code !== 'storage/quota') throw thrown;
      throw quotaError('The run', entry.length + parts.details.size + parts.adapter.size, null);
    }
  }

  async #nextNumber(): Promise<number> {
    return Math.max(0, ...(await this.#numbers())) + 1;
  }

  async #numberFor(wanted: number): Promise<number> {
    return (await this.#numbers()).includes(wanted) ? this.#nextNumber() : wanted;
  }

  async #numbers(): Promise<number[]> {
    return (await this.list()).runs.map(({ number }) => number);
  }

  async #read(id: string, kind: Kind): Promise<Blob> {
    requireId(id);
    const blob = await this.#room.read(fileOf(id, kind));
    if (blob) return blob;
    throw lost(id);
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(() => this.#room.inTurn(work));
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function fileOf(id: string, kind: Kind): string {
  return kind === 'entry' ? `${id}${entryEnd}` : `${id}.${kind}`;
}

function idsOf(files: readonly { name: string }[]): string[] {
  return files
    .filter(({ name }) => name.endsWith(entryEnd))
    .map(({ name }) => name.slice(0, -entryEnd.length))
    .filter((id) => runIdPattern.test(id));
}

function sizeOf(files: readonly { name: string; sizeBytes: number }[], id: string): number {
  return files.reduce((sum, { name, sizeBytes }) => (name.startsWith(`${id}.`) ? sum + sizeBytes : sum), 0);
}

/** Ids come from the page and from files, and name files here. */
function requireId(id: string): void {
  if (!runIdPattern.test(id)) throw lost(id);
}

function lost(id: string): TuneletError {
  return new TuneletError(
    'runs/not-found',
    'This run is not on the device any more: it was deleted, here or in another tab, or the browser has cleared its storage.',
    'Choose another run, or import a file of runs that you exported.',
    { id: id.slice(0, 64) },
  );
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
