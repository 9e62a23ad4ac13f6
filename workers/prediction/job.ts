import type { CleaningSettings } from '../api/cleaning';
import { TuneletError } from '../api/errors';
import type { LabellingRequest, UnlabelledTable } from '../api/labelling';
import type { SkippedRows } from '../api/dataset';
import type { KeptRun } from '../api/runs';
import type { SettledSettings } from '../api/settings';
import { limits } from '../data/limits';
import { cleaning, settings } from '../runs/entryShape';
import { fields, listOf, nullable, oneOf, optional, ShapeMismatch, text, whole, type Shape } from '../runs/shape';
import type { FileRoom } from '../storage/fileRoom';
import type { RowForm } from './rowFile';

/** What labels a table, so that it can go on in another visit. */
export interface Labelling {
  request: LabellingRequest;
  runName: string;
  model: Omit<KeptRun['model'], 'source'>;
  settings: SettledSettings;
  labels: string[];
  cleaning: CleaningSettings;
  /** Between the texts of a pair. */
  joiner: string;
  added: string[];
}

/** The table that lies in the room, and what labels it once that is chosen. */
export interface Job {
  version: 2;
  table: UnlabelledTable;
  form: RowForm;
  /** By which a row is asked for its columns. */
  keys: string[];
  /** The first line of the table that comes out, as it came in. */
  heading: string[];
  taken: string[];
  labelling: Labelling | null;
}

/** Files of the room beside those of `LabelledFile`. */
export const jobFile = 'job.json';
export const rowsFile = 'rows';
/** Rows of a table that is still being read. */
export const arrivingFile = 'arriving';
export const adapterFile = 'adapter.zip';

/** A name may be as long as a row. */
const most = { name: limits.recordBytes, list: 100_000, text: 1_000_000 };
const word = text(most.name);
const words = listOf(word, most.list);

const skippedRows: Shape<SkippedRows> = (value, path) =>
  fields<SkippedRows>({
    code: oneOf('no-label', 'empty-text', 'too-few-fields', 'too-many-fields', 'broken-json', 'nested-too-deep', 'half-a-character', 'nul-character', 'number-too-large', 'broken-quotes', 'same-text', 'too-few-words', 'in-another-split'), // prettier-ignore
    reason: word,
    count: whole(),
    firstRow: whole(),
    excerpt: word,
  })(value, path);

const table = fields<UnlabelledTable>({
  name: word,
  format: word,
  columns: words,
  rowCount: whole(1),
  skipped: listOf(skippedRows, 100),
  warnings: words,
  guess: fields({ column: word, reason: word }),
  firstRows: listOf(listOf(text(most.text), most.list), 100),
  output: oneOf('csv', 'jsonl'),
});

const labelling = fields<Labelling>({
  request: fields<LabellingRequest>({
    source: oneOf('result', 'adapter'),
    model: oneOf('base', 'tuned'),
    columns: listOf(word, 2),
  }),
  runName: word,
  model: fields<Labelling['model']>({ name: word, revision: nullable(word), file: nullable(word), weightsHash: optional(word) }),
  settings,
  labels: words,
  cleaning,
  joiner: word,
  added: words,
});

const version: Shape<2> = (value, path) => {
  if (value === 2) return 2;
  throw new ShapeMismatch(`${path} is not 2`);
};

const job = fields<Job>({
  version,
  table,
  form: oneOf('fields', 'objects'),
  keys: words,
  heading: words,
  taken: words,
  labelling: nullable(labelling),
});

export async function writeJob(room: FileRoom, written: Job): Promise<void> {
  await room.write(jobFile, new TextEncoder().encode(JSON.stringify(written)));
}

/** Null where there is none. Throws 'data/kept-damaged' for one that cannot be read. */
export async function readJob(room: FileRoom): Promise<Job | null> {
  const file = await room.read(jobFile);
  if (file === null) return null;
  try {
    return job(JSON.parse(await file.text()), 'job');
  } catch (thrown) {
    if (!(thrown instanceof ShapeMismatch) && !(thrown instanceof SyntaxError)) throw thrown;
    throw new TuneletError(
      'data/kept-damaged',
      `The table that was being labelled cannot be read any more: ${thrown.message}.`,
      'Discard it, and choose its file again.',
    );
  }
}
