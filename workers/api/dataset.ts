/** Where rows come from. A `File` crosses the boundary as itself, never as its bytes. */
export interface DatasetFiles {
  train: File;
  validation?: File;
  test?: File;
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
  /** Rows left out, by reason: "3 rows without a label". */
  skipped: { reason: string; count: number }[];
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
