/** Where rows come from. A `File` crosses the boundary as itself, never as its bytes. */
export interface DatasetFiles {
  train: File;
  validation?: File;
  test?: File;
}

/** How files are to be read where they leave a choice; an error's `details.offer` names the choice that would mend it. */
export interface ReadChoices {
  /** Of text that is not UTF-8. */
  encoding?: 'windows-1252';
  /** Leaves out rows whose quotation mark never closes, and reads on in the line below. */
  leaveOutBrokenRows?: boolean;
}

export type SplitName = 'train' | 'validation' | 'test';

export interface ColumnGuess {
  column: string;
  /** For the user: "Looks like text: median 118 characters." */
  reason: string;
}

export interface ColumnMapping {
  text: string;
  /** Empty: there are no labels. */
  label: string;
}

export interface SplitOptions {
  seed: number;
  /** Shares of the rows of the training file; ignored for a split that has its own file. */
  validationShare: number;
  testShare: number;
}

export interface LabelCount {
  name: string;
  count: number;
}

export type SkipReason =
  | 'no-label'
  | 'empty-text'
  | 'too-few-fields'
  | 'too-many-fields'
  | 'broken-json'
  | 'nested-too-deep'
  | 'half-a-character'
  | 'nul-character'
  | 'number-too-large'
  | 'broken-quotes';

/** Rows left out for one reason. */
export interface SkippedRows {
  code: SkipReason;
  /** Reads after a count: "with too few fields". */
  reason: string;
  count: number;
  /** Data row, counted from 1. */
  firstRow: number;
  /** The beginning of what stands there. */
  excerpt: string;
}

/** Something the user should know of data that can be used as they are. */
export interface DatasetWarning {
  code: string;
  message: string;
}

/** The dataset in figures, as `npm run tune -- --inspect` prints it. */
export interface DatasetReport {
  /** In use: those left out are counted in `skipped`. */
  rows: number;
  columns: { text: string; label: string | null };
  labels: Record<string, number>;
  splits: Record<SplitName, number>;
  skipped: { reason: string; count: number; firstRow: number }[];
  warnings: DatasetWarning[];
  /** SHA-256 of all rows in use as UTF-8 `text NUL label LF`, sorted bytewise: the same whatever their order and format. */
  hash: string;
}

export interface DatasetSummary {
  name: string;
  sizeBytes: number;
  /** "UTF-8, comma". */
  format: string;
  columns: string[];
  guess: { text: ColumnGuess; label: ColumnGuess };
  mapping: ColumnMapping;
  /** The first rows as they will be used; `row` counts data rows from 1. */
  preview: { row: number; text: string; label: string }[];
  /** Data rows read, those left out included. */
  rowCount: number;
  /** None for a corpus. Class order = index in the model's head: integers ascending, else by first appearance sorted by name. */
  labels: LabelCount[];
  /** Rows left out, by reason. */
  skipped: SkippedRows[];
  warnings: DatasetWarning[];
  split: Record<SplitName, number>;
  /** "by label, seed 42" or "given files". */
  splitMethod: string;
  splitOptions: SplitOptions;
  /** Credit that must stand beside the data, or null. */
  attribution: string | null;
}

export interface TokenStatistics {
  /** Histogram of tokens in a text, all splits; `to` is exclusive. */
  bins: { from: number; to: number; count: number }[];
  median: number;
  longest: number;
  /** Texts longer than `maxLength` tokens. */
  truncated: number;
  texts: number;
}
