import type { CleaningSettings } from './cleaning';
import type { HubDatasetChoice } from './hubDataset';

/** Where rows come from. A `File` crosses the boundary as itself, never as its bytes. */
export interface DatasetFiles {
  train: File;
  validation?: File;
  test?: File;
  /** Of a table that comes in several files: those after its first. */
  furtherParts?: Partial<Record<SplitName, File[]>>;
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
  /** Sentence pairs: a second text column, written after the first with the joiner between them. */
  textPair?: TextPair;
  /** Empty: there are no labels. */
  label: string;
  labelOptions?: LabelOptions;
}

export interface TextPair {
  column: string;
  joiner: string;
}

export interface LabelOptions {
  /** Labels that differ in case or white space alone become one, as most rows write it. */
  mergeVariants: boolean;
  /** Rows without a label are left out, or are a class of their own, “no label”. */
  unlabelled: 'leave-out' | 'class';
  /** Names given by the user, to labels as they are after merging; labels of one name become one class. */
  names: readonly { from: string; to: string }[];
}

export const plainLabels: LabelOptions = { mergeVariants: false, unlabelled: 'leave-out', names: [] };

/** By shares of the rows, by so many rows of each class, or as the files are. */
export type SplitMethod = 'ratio' | 'rows' | 'given';

/** How the training file's rows are parted; a split that has its own file keeps it. */
export interface SplitOptions {
  seed: number;
  method: SplitMethod;
  /** By ratio. */
  validationShare: number;
  testShare: number;
  /** By ratio: of each class the same share; else of all rows at random. */
  stratified: boolean;
  /** By rows: of each class. */
  rowsPerClass: Record<SplitName, number>;
  /** Rows with the same value in this column stay in one split; null: none. */
  groupColumn: string | null;
  /** Rows with the same text stay in one split. */
  sameTextTogether: boolean;
}

/** All that was done to a dataset after reading it. */
export interface Preparation {
  mapping: ColumnMapping;
  cleaning: CleaningSettings;
  split: SplitOptions;
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
  | 'broken-quotes'
  | 'same-text'
  | 'too-few-words'
  | 'in-another-split';

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
  cleaning: CleaningSettings;
  /** The first rows as they will be used; `row` counts data rows from 1. */
  preview: { row: number; text: string; label: string }[];
  /** In use, all splits together; those left out are counted in `skipped`. */
  rowCount: number;
  /** None for a corpus. Class order = index in the model's head: integers ascending, else by first appearance sorted by name. */
  labels: LabelCount[];
  /** Rows left out, by reason. */
  skipped: SkippedRows[];
  warnings: DatasetWarning[];
  split: Record<SplitName, number>;
  /** Rows of each class in each split, in the order of `labels`. */
  splitCounts: Record<SplitName, number[]>;
  /** Rows that the split gives to none of the three. */
  unused: number;
  /** Splits that have a file of their own. */
  givenSplits: SplitName[];
  /** Distinct values of the column that the split groups by; null where it groups by none. */
  groups: number | null;
  /** Labels that the file writes in several ways: the name in use, and what stands in the file. */
  joinedLabels: { name: string; written: string[] }[];
  /** Labels that differ in case or white space alone and are classes of their own. */
  labelVariants: string[][];
  /** "by label, seed 42" or "given files". */
  splitMethod: string;
  splitOptions: SplitOptions;
  /** Credit that must stand beside the data, or null. */
  attribution: string | null;
  /** What of the Hub it was taken from. */
  hub?: HubDatasetChoice;
}

export interface TokenStatistics {
  /** Histogram of tokens in a text, all splits; `to` is exclusive. */
  bins: { from: number; to: number; count: number }[];
  median: number;
  longest: number;
  /** Texts longer than `maxLength` tokens. */
  truncated: number;
  texts: number;
  /** Tokens that stand for what the tokenizer does not know, or for a single byte of it; null where that was not counted. */
  coverage: { tokens: number; unknown: number } | null;
  /** Null where that was not looked for. Texts are cut to what is shown. */
  extremes: { longest: ExtremeText; shortest: ExtremeText } | null;
}

export interface ExtremeText {
  text: string;
  tokens: number;
}
