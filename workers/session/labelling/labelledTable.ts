import { mostReviewed, type LabelledTable, type UnsureQuery, type UnsureRow, type UnsureRows } from '../../api/labelling';
import type { Archive } from '../../api/trainerApi';
import { rowsFile, type Job, type Labelling } from '../../prediction/job';
import { LabelledFile } from '../../prediction/labelledFile';
import { leastSure, type PlacedMark } from '../../prediction/marks';
import { OutputFormat } from '../../prediction/output';
import { fieldsOf, RowFile } from '../../prediction/rowFile';
import type { FileRoom } from '../../storage/fileRoom';

const shownCharacters = 2000;
const mimeTypes = { csv: 'text/csv', jsonl: 'application/x-ndjson' } as const;

/** A table that has labels, all or some. */
export interface Labelled {
  job: Job & { labelling: Labelling };
  file: LabelledFile;
  rows: RowFile;
}

/** Null where nothing labels it yet. */
export async function labelledOf(room: FileRoom, job: Job): Promise<Labelled | null> {
  const { labelling } = job;
  if (!labelling) return null;
  const file = new LabelledFile(room, headerOf(job, labelling), labelling.labels.length);
  return { job: { ...job, labelling }, file, rows: new RowFile((await room.read(rowsFile)) ?? new Blob()) };
}

/** What stands above the rows that come out. */
export function headerOf({ form, heading }: Job, { labels, added }: Labelling): string {
  return new OutputFormat(form, labels, added).header(heading);
}

export async function describe({ job: { table, labelling }, file }: Labelled): Promise<LabelledTable> {
  const { request, model, runName, labels, added } = labelling;
  const tally = await file.tally();
  const { size } = await file.out();
  const isFinished = tally.done === table.rowCount;
  return { table, request, modelName: model.name, runName, labels, added, ...tally, isFinished, sizeBytes: size };
}

/** The table with its labels; `below`: only the rows whose labels are less sure than so many per cent. */
export async function archiveOf({ job, file }: Labelled, below: number | null): Promise<Archive> {
  const { name, output } = job.table;
  const blob = below === null ? await file.out() : await file.unsure(below);
  const plain = name.replace(/(\.(csv|tsv|tab|psv|jsonl|ndjson|json|parquet|txt|text|zip|gz))+$/i, '') || 'table';
  const part = below === null ? 'labelled' : `to review, under ${below} per cent`;
  return { name: `${plain} ${part}.${output}`, blob: blob.slice(0, blob.size, mimeTypes[output]) };
}

/** The least sure rows, looked for once for each limit. */
export class UnsureList {
  #held: { key: string; found: PlacedMark[]; total: number } | null = null;

  /** After which other labels may lie in the files. */
  clear(): void {
    this.#held = null;
  }

  async page(labelled: Labelled, { below, search, offset, count }: UnsureQuery): Promise<UnsureRows> {
    const { found, total } = await this.#leastSure(labelled, below);
    const wanted = search.trim().toLowerCase();
    const isFound = ({ text, label }: UnsureRow): boolean =>
      text.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted);
    if (wanted === '') {
      const rows = await rowsAt(labelled, found.slice(offset, offset + count));
      return { rows, below: total, listed: found.length, matching: found.length };
    }
    const matching = (await rowsAt(labelled, found)).filter(isFound);
    return { rows: matching.slice(offset, offset + count), below: total, listed: found.length, matching: matching.length };
  }

  async #leastSure({ job, file }: Labelled, below: number): Promise<{ found: PlacedMark[]; total: number }> {
    const { size } = await file.out();
    const key = `${job.table.name} ${size} ${below}`;
    if (this.#held?.key === key) return this.#held;
    const list = { key, ...(await leastSure(file.marks(), below, mostReviewed)) };
    this.#held = list;
    return list;
  }
}

function rowsAt(labelled: Labelled, marks: readonly PlacedMark[]): Promise<UnsureRow[]> {
  return Promise.all(marks.map((mark) => unsureRow(labelled, mark)));
}

async function unsureRow({ job, rows }: Labelled, mark: PlacedMark): Promise<UnsureRow> {
  const { table, form, keys, labelling } = job;
  const fields = fieldsOf(await rows.line(mark.rowStart, mark.rowEnd), form, keys);
  const texts = labelling.request.columns.map((column) => fields[table.columns.indexOf(column)] ?? '');
  return {
    row: mark.index + 1,
    text: texts.join(' | ').slice(0, shownCharacters),
    label: labelling.labels[mark.label ?? -1] ?? '',
    probability: mark.probability,
  };
}
