import type { TrainerEvent } from '../api/events';
import { mostReviewed, type KeptLabelling, type LabelledTable, type LabellingProgress, type LabellingRequest, type UnlabelledFile, type UnlabelledTable, type UnsureQuery, type UnsureRow, type UnsureRows } from '../api/labelling'; // prettier-ignore
import type { Archive } from '../api/trainerApi';
import { guessColumns } from '../data/guessColumns';
import { readFileRows } from '../data/readFile';
import { readJob, writeJob, type Job, type Labelling } from '../prediction/job';
import { LabelledFile, type LabelledRow, type LabelledWriter } from '../prediction/labelledFile';
import { leastSure, type PlacedMark } from '../prediction/marks';
import { addedNames, OutputFormat } from '../prediction/output';
import { fieldsOf, RowFile, RowFileWriter } from '../prediction/rowFile';
import { MemoryRoom } from '../storage/memoryRoom';
import type { FileRoom } from '../storage/fileRoom';
import { openFileRoom } from '../storage/opfsRoom';
import { LabellingPace } from './labellingPace';
import { readText, type Labeller, type LabellerAbout } from './labeller';
import { busyElsewhere, busyHere, cancelled, checkRequest, noRows, nothingToLabel } from './predictionErrors';

const rowsFile = 'rows';
const arrivingFile = 'arriving';
const adapterFile = 'adapter.zip';
const lockName = 'tunelet-labelling';
const memoryBytes = 1 << 30;
const shownRows = 8;
const shownCharacters = 2000;
const mimeTypes = { csv: 'text/csv', jsonl: 'application/x-ndjson' } as const;

/** A table on its way to labels: the one that was chosen last, in the browser's private storage. */
interface Work {
  job: Job;
  labelled: LabelledFile | null;
}

/** Labels tables row by row. Rows come from a file and go to a file, so a table may be larger than memory, and a reload goes on where it stood. */
export class PredictionRoom {
  readonly #emit: (event: TrainerEvent) => void;
  readonly #openRoom: () => Promise<FileRoom | null>;
  #opening: Promise<FileRoom> | null = null;
  #working: AbortController | null = null;
  #listed: { key: string; found: PlacedMark[]; total: number } | null = null;

  constructor(emit: (event: TrainerEvent) => void, openRoom = () => openFileRoom('labelling')) {
    this.#emit = emit;
    this.#openRoom = openRoom;
  }

  /** `textColumn`: what the run's texts were called. Throws what reading a dataset throws, and 'data/cancelled'. */
  async open({ file, choices }: UnlabelledFile, textColumn: string | null): Promise<UnlabelledTable> {
    return this.#exclusively(async (room, signal) => {
      // A table that cannot be read leaves the one before as it is.
      const { job, written } = await this.#arrive(room, file, choices, signal);
      const opened = { ...job, table: { ...job.table, guess: guessOf(written, textColumn) } };
      await this.#clear(room, arrivingFile);
      await room.rename(arrivingFile, rowsFile);
      await writeJob(room, opened);
      return opened.table;
    });
  }

  /** Labels the opened table from its first row on; resolves also when it was stopped on its way. */
  async label(request: LabellingRequest, labeller: Labeller): Promise<LabelledTable> {
    return this.#exclusively(async (room, signal) => {
      const job = await this.#job(room);
      const { adapter, ...about } = labeller.about;
      checkRequest(job, request, about);
      const labelling = { ...about, request, added: addedNames(about.labels, job.taken) };
      await room.write(adapterFile, new Uint8Array(await adapter.arrayBuffer()));
      const labelled = await LabelledFile.begin(room, headerOf(job, labelling), about.labels.length);
      const begun = { ...job, labelling };
      await writeJob(room, begun);
      return this.#go(room, { job: begun, labelled }, labeller, signal);
    });
  }

  /** Goes on where labelling stood, with what `make` makes of what was kept. */
  async resume(make: (about: LabellerAbout) => Promise<Labeller>): Promise<LabelledTable> {
    return this.#exclusively(async (room, signal) => {
      const job = await this.#job(room);
      const { labelling } = job;
      const adapter = await room.read(adapterFile);
      if (!labelling || !adapter) throw nothingToLabel();
      const { request: _, added: __, ...about } = labelling;
      const labeller = await make({ ...about, adapter });
      return this.#go(room, { job, labelled: labelledOf(room, job) }, labeller, signal);
    });
  }

  /** Ends reading with 'data/cancelled', and labelling where it stands. */
  cancel(): void {
    this.#working?.abort(cancelled());
  }

  /** What lies in the room. Throws 'data/kept-damaged'. */
  async kept(): Promise<KeptLabelling | null> {
    const room = await this.#room();
    const job = await readJob(room);
    if (job === null) return null;
    const labelled = labelledOf(room, job);
    return labelled ? { kind: 'labelled', labelled: await describe(job, labelled) } : { kind: 'opened', table: job.table };
  }

  async discard(): Promise<void> {
    await this.#exclusively((room) => this.#clear(room));
  }

  async unsure({ below, search, offset, count }: UnsureQuery): Promise<UnsureRows> {
    const { job, labelled, room } = await this.#labelled();
    const { size } = await labelled.out();
    const key = `${job.table.name} ${size} ${below}`;
    if (this.#listed?.key !== key) this.#listed = { key, ...(await leastSure(labelled.marks(), below, mostReviewed)) };
    const { found, total } = this.#listed;
    const rows = new RowFile((await room.read(rowsFile)) ?? new Blob());
    const shown = (marks: readonly PlacedMark[]): Promise<UnsureRow[]> =>
      Promise.all(marks.map((mark) => unsureRow(job, rows, mark)));
    const wanted = search.trim().toLowerCase();
    if (wanted === '') {
      return {
        rows: await shown(found.slice(offset, offset + count)),
        below: total,
        listed: found.length,
        matching: found.length,
      };
    }
    const matching = (await shown(found)).filter(
      ({ text, label }) => text.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted),
    );
    return { rows: matching.slice(offset, offset + count), below: total, listed: found.length, matching: matching.length };
  }

  /** The table with its labels; `below`: only the rows whose labels are less sure than so many per cent. */
  async file(below: number | null): Promise<Archive> {
    const { job, labelled } = await this.#labelled();
    const { name, output } = job.table;
    const blob = below === null ? await labelled.out() : await labelled.unsure(below);
    const plain = name.replace(/(\.(csv|tsv|tab|psv|jsonl|ndjson|json|parquet|txt|text|zip|gz))+$/i, '') || 'table';
    const part = below === null ? 'labelled' : `to review, under ${below} per cent`;
    return { name: `${plain} ${part}.${output}`, blob: blob.slice(0, blob.size, mimeTypes[output]) };
  }

  async #arrive(
    room: FileRoom,
    file: File,
    choices: UnlabelledFile['choices'],
    signal: AbortSignal,
  ): Promise<{ job: Job; written: RowFileWriter }> {
    await room.remove(arrivingFile);
    const rows = await room.append(arrivingFile);
    let isWhole = false;
    try {
      const read = await this.#read(file, choices, signal, (name) => {
        rows.clear();
        return new RowFileWriter(name, rows);
      });
      read.written.flush();
      isWhole = true;
      return read;
    } finally {
      rows.close();
      if (!isWhole) await room.remove(arrivingFile);
    }
  }

  async #read(
    file: File,
    choices: UnlabelledFile['choices'],
    signal: AbortSignal,
    begin: (name: string) => RowFileWriter,
  ): Promise<{ job: Job; written: RowFileWriter }> {
    const onProgress = (progress: { loadedBytes: number; totalBytes: number; rows: number }): void =>
      this.#tell({ ...idle, phase: 'reading', done: progress.rows, share: progress.loadedBytes / progress.totalBytes });
    const { rows, format } = await readFileRows(file, { ...choices, signal, onProgress: paced(onProgress) }, () =>
      begin(file.name),
    );
    if (rows.keptRows === 0) throw noRows(file.name, rows);
    const { form, keys, taken, skipped } = rows;
    const table: UnlabelledTable = {
      name: file.name,
      format,
      columns: [...rows.columns],
      rowCount: rows.keptRows,
      skipped,
      warnings: rows.warnings.map(({ message }) => message),
      guess: { column: '', reason: '' },
      firstRows: firstRowsOf(rows),
      output: form === 'objects' ? 'jsonl' : 'csv',
    };
    return { job: { version: 1, table, form, keys, taken, labelling: null }, written: rows };
  }

  async #go(room: FileRoom, { job, labelled }: Work, labeller: Labeller, signal: AbortSignal): Promise<LabelledTable> {
    if (!labelled) throw nothingToLabel();
    this.#listed = null;
    const rows = new RowFile((await room.read(rowsFile)) ?? new Blob());
    const writer = await labelled.open();
    try {
      await this.#labelRows(job, rows, writer, labeller, signal);
    } finally {
      writer.close();
    }
    return describe(job, labelled);
  }

  async #labelRows(job: Job, rows: RowFile, writer: LabelledWriter, labeller: Labeller, signal: AbortSignal): Promise<void> {
    const { labelling } = job;
    if (!labelling) throw nothingToLabel();
    const { request, labels, added, cleaning, joiner } = labelling;
    const total = job.table.rowCount;
    const places = request.columns.map((column) => job.table.columns.indexOf(column));
    const format = new OutputFormat(job.form, labels, added);
    const pace = new LabellingPace(writer.done, total, (progress) => this.#tell(progress));
    pace.tell('preparing');
    while (writer.done < total && !signal.aborted) {
      if (labeller.isWaiting()) pace.tell('waiting');
      const { lines, ends } = await rows.window(writer.rowEnd, pace.rowsAtOnce);
      const fields = lines.map((line) => fieldsOf(line, job.form, job.keys));
      const texts = fields.map((cells) =>
        readText(
          places.map((place) => cells[place] ?? ''),
          cleaning,
          joiner,
        ),
      );
      const found = await labeller.label(
        texts,
        request.model,
        pace.watch(() => !signal.aborted),
      );
      if (found === null) return;
      writer.write(
        lines.map((line, index): LabelledRow => {
          const label = found.labels[index] ?? null;
          return {
            written: format.row(line, fields[index] ?? [], label),
            label: label?.label ?? null,
            probability: label ? (label.probabilities[label.label] ?? 0) : 0,
            isCut: found.cut[index] ?? false,
            rowEnd: ends[index] ?? 0,
          };
        }),
      );
      pace.windowDone(writer.done);
    }
  }

  async #labelled(): Promise<{ room: FileRoom; job: Job; labelled: LabelledFile }> {
    const room = await this.#room();
    const job = await this.#job(room);
    const labelled = labelledOf(room, job);
    if (!labelled) throw nothingToLabel();
    return { room, job, labelled };
  }

  async #job(room: FileRoom): Promise<Job> {
    const job = await readJob(room);
    if (job === null) throw nothingToLabel();
    return job;
  }

  /** The job goes first: what is left without it is nothing. */
  async #clear(room: FileRoom, except: string | null = null): Promise<void> {
    this.#listed = null;
    await room.remove('job.json');
    for (const { name } of await room.list()) if (name !== except) await room.remove(name);
  }

  /** One work at a time, in this tab and in others. */
  async #exclusively<Result>(work: (room: FileRoom, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#working) throw busyHere();
    const working = new AbortController();
    this.#working = working;
    try {
      const room = await this.#room();
      return await locked(() => work(room, working.signal));
    } finally {
      this.#working = null;
    }
  }

  #room(): Promise<FileRoom> {
    this.#opening ??= this.#openRoom().then((room) => room ?? new MemoryRoom(memoryBytes));
    return this.#opening;
  }

  #tell(progress: LabellingProgress): void {
    this.#emit({ kind: 'labelling-progress', progress });
  }
}

const idle: LabellingProgress = { phase: 'reading', done: 0, total: null, share: null, rowsPerSecond: null, secondsLeft: null };

/** Ten times a second at the most. */
function paced<Value>(tell: (value: Value) => void): (value: Value) => void {
  let toldMs = -Infinity;
  return (value) => {
    if (performance.now() - toldMs < 100) return;
    toldMs = performance.now();
    tell(value);
  };
}

async function locked<Result>(work: () => Promise<Result>): Promise<Result> {
  if (!('navigator' in globalThis) || !('locks' in navigator)) return work();
  return navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw busyElsewhere();
    return work();
  });
}

function labelledOf(room: FileRoom, job: Job): LabelledFile | null {
  return job.labelling && new LabelledFile(room, headerOf(job, job.labelling), job.labelling.labels.length);
}

function headerOf({ form, table }: Job, { labels, added }: Labelling): string {
  return new OutputFormat(form, labels, added).header(table.columns);
}

async function describe({ table, labelling }: Job, labelled: LabelledFile): Promise<LabelledTable> {
  if (!labelling) throw nothingToLabel();
  const { request, model, runName, labels, added } = labelling;
  const tally = await labelled.tally();
  const { size } = await labelled.out();
  const isFinished = tally.done === table.rowCount;
  return { table, request, modelName: model.name, runName, labels, added, ...tally, isFinished, sizeBytes: size };
}

async function unsureRow({ table, form, keys, labelling }: Job, rows: RowFile, mark: PlacedMark): Promise<UnsureRow> {
  const fields = fieldsOf(await rows.line(mark.rowStart, mark.rowEnd), form, keys);
  const texts = (labelling?.request.columns ?? []).map((column) => fields[table.columns.indexOf(column)] ?? '');
  return {
    row: mark.index + 1,
    text: texts.join(' | ').slice(0, shownCharacters),
    label: labelling?.labels[mark.label ?? -1] ?? '',
    probability: mark.probability,
  };
}

function guessOf(rows: RowFileWriter, textColumn: string | null): UnlabelledTable['guess'] {
  if (textColumn !== null && rows.columns.includes(textColumn))
    return { column: textColumn, reason: 'Called as the texts that the model learned from.' };
  const sample = rows.sample.finish({ sizeBytes: 0, kind: 'delimited', format: '' });
  const guess = sample && guessColumns(sample).text;
  return guess ?? { column: rows.columns[0] ?? '', reason: 'The first column.' };
}

function firstRowsOf({ sample }: RowFileWriter): string[][] {
  const table = sample.finish({ sizeBytes: 0, kind: 'delimited', format: '' });
  if (!table) return [];
  const rows = Math.min(shownRows, table.rowNumbers.length);
  return Array.from({ length: rows }, (_, row) => table.values.map((column) => column.at(row).slice(0, shownCharacters)));
}
