import type { SplitName } from './dataset';

/** Which rows of the dataset to show, as it is after cleaning. */
export interface BrowseQuery {
  /** Words that a text has, in any case; empty: all texts. */
  search: string;
  /** A class; null: all. */
  label: string | null;
  split: SplitName | null;
  order: BrowseOrder;
  /** Of the rows that match, the first to give, and how many. */
  offset: number;
  count: number;
}

export type BrowseOrder = 'file' | 'longest' | 'shortest';

export interface BrowsedRow {
  split: SplitName;
  /** Data row of its file, counted from 1. */
  row: number;
  /** Long texts are cut. */
  text: string;
  /** Null for plain text. */
  label: string | null;
  /** Cells of `columns`. */
  others: string[];
  /** Null before a model has been chosen. */
  tokens: number | null;
}

export interface BrowsedRows {
  rows: BrowsedRow[];
  matched: number;
  total: number;
  /** Columns that are neither text nor label: the first few. */
  columns: string[];
}
