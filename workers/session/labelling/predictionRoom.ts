import type { TrainerEvent } from '../../api/events';
import type { KeptLabelling, LabelledTable, LabellingProgress, LabellingRequest, UnlabelledFile, UnlabelledTable, UnsureQuery, UnsureRows } from '../../api/labelling'; // prettier-ignore
import type { Archive } from '../../api/trainerApi';
import { adapterFile, arrivingFile, jobFile, readJob, rowsFile, writeJob, type Job } from '../../prediction/job';
import { LabelledFile, type LabelledRow, type LabelledWriter } from '../../prediction/labelledFile';
import { addedNames, OutputFormat } from '../../prediction/output';
import { fieldsOf, type RowWindow } from '../../prediction/rowFile';
import type { FileRoom } from '../../storage/fileRoom';
import { webLocks } from '../../storage/locks';
import { MemoryRoom } from '../../storage/memoryRoom';
import { openFileRoom } from '../../storage/opfsRoom';
import { arrivingTable } from './arrivingTable';
import { archiveOf, describe, headerOf, labelledOf, UnsureList, type Labelled } from './labelledTable';
import { labelledUnlessStopped, readText, type LabelledTexts, type Labeller, type LabellerAbout } from './labeller';
import { LabellingPace } from './labellingPace';
import { busyElsewhere, busyHere, cancelled, checkRequest, nothingToLabel } from './predictionErrors';

const arrivingAdapter = 'arriving.zip';
const lockName = 'tunelet-labelling';
const memoryBytes = 1 << 30;

/**
 * Labels tables row by row. Rows come from a file and go to a file, so a table may be larger than memory, and a reload goes on where it
 * stood. The room holds the table that was chosen last, in the browser's private storage.
 */
export class PredictionRoom {
  readonly #emit: (event: TrainerEvent) => void;
  readonly #openRoom: () => Promise<FileRoom | null>;
  readonly #unsure = new UnsureList();
  #opening: Promise<FileRoom> | null = null;
  #working: AbortController | null = null;

  constructor(emit: (event: TrainerEvent) => void, openRoom = () => openFileRoom('labelling')) {
    this.#emit = emit;
    this.#openRoom = openRoom;
  }

  /** `textColumns`: what models' texts were called. Throws what reading a dataset throws, and 'data/cancelled'. */
  async open(file: UnlabelledFile, textColumns: readonly string[]): Promise<UnlabelledTable> {
    return this.#exclusively(async (room, signal) => {
      // A table that cannot be read leaves the one before as it is.
      const job = await arrivingTable(room, { ...file, textColumns, signal, tell: (progress) => this.#tell(progress) });
      await this.#clear(room, arrivingFile);
      await room.rename(arrivingFile, rowsFile);
      await writeJob(room, job);
      return job.table;
    });
  }

  /** Labels the opened table from its first row on; resolves also when it was stopped on its way. */
  async label(request: LabellingRequest, labeller: Labeller): Promise<LabelledTable> {
    return this.#exclusively(async (room, signal) => {
      const job = await this.#job(room);
      const { adapter, ...about } = labeller.about;
      checkRequest(job, request, about);
      const labelling = { ...about, request, added: addedNames(about.labels, job.taken) };
      await room.write(arrivingAdapter, new Uint8Array(await adapter.arrayBuffer()));
      // From here on the labels before are none, wherever this is cut off: never another adapter's rows go on.
      await writeJob(room, { ...job, labelling: null });
      await room.rename(arrivingAdapter, adapterFile);
      await LabelledFile.begin(room, headerOf(job, labelling), about.labels.length);
      const begun = { ...job, labelling };
      await writeJob(room, begun);
      return this.#go(await labelledOf(room, begun), labeller, signal);
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
      return this.#go(await labelledOf(room, job), labeller, signal);
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
    const labelled = await labelledOf(room, job);
    return labelled ? { kind: 'labelled', labelled: await describe(labelled) } : { kind: 'opened', table: job.table };
  }

  async discard(): Promise<void> {
    await this.#exclusively((room) => this.#clear(room));
  }

  async unsure(query: UnsureQuery): Promise<UnsureRows> {
    return this.#unsure.page(await this.#labelled(), query);
  }

  /** The table with its labels; `below`: only the rows whose labels are less sure than so many per cent. */
  async file(below: number | null): Promise<Archive> {
    return archiveOf(await this.#labelled(), below);
  }

  async #go(labelled: Labelled | null, labeller: Labeller, signal: AbortSignal): Promise<LabelledTable> {
    if (!labelled) throw nothingToLabel();
    this.#unsure.clear();
    const writer = await labelled.file.open();
    try {
      await this.#labelRows(labelled, writer, labeller, signal);
    } finally {
      writer.close();
    }
    return describe(labelled);
  }

  async #labelRows({ job, rows }: Labelled, writer: LabelledWriter, labeller: Labeller, signal: AbortSignal): Promise<void> {
    const { labels, added } = job.labelling;
    const total = job.table.rowCount;
    const format = new OutputFormat(job.form, labels, added);
    const pace = new LabellingPace(writer.done, total, (progress) => void (!signal.aborted && this.#tell(progress)));
    pace.tell('preparing');
    while (writer.done < total && !signal.aborted) {
      if (labeller.isWaiting()) pace.tell('waiting');
      const window = await rows.window(writer.rowEnd, pace.rowsAtOnce);
      const fields = window.lines.map((line) => fieldsOf(line, job.form, job.keys));
      const texts = fields.map((cells) => textOf(cells, job));
      const watch = pace.watch(() => !signal.aborted);
      const found = await labelledUnlessStopped(labeller, texts, { model: job.labelling.request.model, watch, signal });
      if (found === null) return;
      writer.write(labelledRows(window, fields, found, format));
      pace.windowDone(writer.done);
    }
  }

  async #labelled(): Promise<Labelled> {
    const room = await this.#room();
    const labelled = await labelledOf(room, await this.#job(room));
    if (!labelled) throw nothingToLabel();
    return labelled;
  }

  async #job(room: FileRoom): Promise<Job> {
    const job = await readJob(room);
    if (job === null) throw nothingToLabel();
    return job;
  }

  /** The job goes first: what is left without it is nothing. */
  async #clear(room: FileRoom, except: string | null = null): Promise<void> {
    this.#unsure.clear();
    await room.remove(jobFile);
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

/** What the model reads of a row. */
function textOf(cells: readonly string[], { table, labelling }: Labelled['job']): string {
  const { request, cleaning, joiner } = labelling;
  const texts = request.columns.map((column) => cells[table.columns.indexOf(column)] ?? '');
  return readText(texts, cleaning, joiner);
}

function labelledRows(
  { lines, ends }: RowWindow,
  fields: readonly string[][],
  found: LabelledTexts,
  format: OutputFormat,
): LabelledRow[] {
  return lines.map((line, index): LabelledRow => {
    const label = found.labels[index] ?? null;
    return {
      written: format.row(line, fields[index] ?? [], label),
      label: label?.label ?? null,
      probability: label ? (label.probabilities[label.label] ?? 0) : 0,
      isCut: found.cut[index] ?? false,
      rowEnd: ends[index] ?? 0,
    };
  });
}

async function locked<Result>(work: () => Promise<Result>): Promise<Result> {
  const locks = webLocks();
  if (!locks) return work();
  return locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw busyElsewhere();
    return work();
  });
}
