import type { ColumnGuess, ReadChoices, SkippedRows } from './dataset';
import type { ModelRole } from './results';

/** A file whose rows want a class, and how to read it where it leaves a choice. */
export interface UnlabelledFile {
  file: File;
  choices?: ReadChoices;
}

/** A table as it was read: its rows lie in the browser's private storage, in their order. */
export interface UnlabelledTable {
  name: string;
  /** "UTF-8, comma". */
  format: string;
  columns: string[];
  rowCount: number;
  /** Rows that cannot be read; they are in no output. */
  skipped: SkippedRows[];
  warnings: string[];
  /** Which column holds the texts, and why. */
  guess: ColumnGuess;
  /** The first rows, cut to what can be shown: one text a column. */
  firstRows: string[][];
  /** JSON goes out as JSON lines, everything else as CSV. */
  output: 'csv' | 'jsonl';
}

/** Whose labels: the result that the page shows, or the imported adapter. */
export type LabellingSource = 'result' | 'adapter';

export interface LabellingRequest {
  source: LabellingSource;
  model: ModelRole;
  /** One text column, or two for a model that learned from pairs. */
  columns: string[];
}

/** Rows labelled so far. */
export interface LabellingProgress {
  /** Reading comes before labelling; `waiting`: for a run that has the device. */
  phase: 'reading' | 'preparing' | 'labelling' | 'waiting';
  /** Rows labelled; while reading, rows read. */
  done: number;
  /** Rows; while reading, unknown. */
  total: number | null;
  /** While reading: the share of the file's bytes. */
  share: number | null;
  /** Null until some are measured. */
  rowsPerSecond: number | null;
  secondsLeft: number | null;
}

/** What the labels came to, of a finished table or of one that stopped on its way. */
export interface LabelledTable {
  table: UnlabelledTable;
  request: LabellingRequest;
  /** What labelled it: the base model's name, and the run's or adapter's. */
  modelName: string;
  runName: string;
  labels: string[];
  /** Rows labelled, from the first on. */
  done: number;
  isFinished: boolean;
  /** Rows given each class, in the order of `labels`. */
  counts: number[];
  /** Rows whose text is empty; they have no label. */
  withoutText: number;
  /** Texts longer than the model reads; their end was cut off. */
  cut: number;
  /** Labelled rows by the probability of their label: `sureness[p]` of them have from p to under p + 1 per cent. The last has 100. */
  sureness: number[];
  /** Names of the columns that came to the table. */
  added: string[];
  sizeBytes: number;
}

/** What of an earlier labelling is on this device. */
export type KeptLabelling = { kind: 'opened'; table: UnlabelledTable } | { kind: 'labelled'; labelled: LabelledTable };

/** The least sure labels. */
export interface UnsureQuery {
  /** Labels under this many per cent. */
  below: number;
  /** Only rows whose text or label has this, whatever its case. */
  search: string;
  offset: number;
  count: number;
}

export interface UnsureRow {
  /** Of the table, from 1. */
  row: number;
  /** Cut to what can be shown. */
  text: string;
  label: string;
  probability: number;
}

export interface UnsureRows {
  /** Least sure first. */
  rows: UnsureRow[];
  /** Rows under the limit in all. */
  below: number;
  /** Of them, those that are listed at the most: the least sure. */
  listed: number;
  /** Of the listed ones, those that match the search. */
  matching: number;
}

/** At most so many rows are listed for review; the download has all. */
export const mostReviewed = 1000;
