import type { SplitName } from './dataset';
import type { JudgedBy } from './results';

/** Bands of a text's words, which white space separates: short below, medium from `shortBelow` to `longAbove`, long above. */
export interface WordBands {
  shortBelow: number;
  longAbove: number;
}

export const defaultBands: WordBands = { shortBelow: 50, longAbove: 200 };

/** Bands may lie from 1 to here. */
export const mostBandWords = 100_000;

/** A slice of fewer texts is too small to say anything of. */
export const fewestSliceTexts = 20;

/** At most as many characters in a rule, and rules in a query. */
export const mostRuleCharacters = 200;
export const mostRules = 8;

/**
 * Which texts a slice has: those with this word or words as whole words, or those in which the pattern, a regular expression without
 * look-around and back-references, is found. Both read capitals and small letters alike.
 */
export type SliceRule = { kind: 'contains'; words: string } | { kind: 'matches'; pattern: string };

export interface SliceQuery {
  /** By what the models are judged; texts that were not answered freely are in no slice of writing. */
  judgedBy: JudgedBy;
  /** Null: the default, or quartiles where one of its bands would have no text. */
  bands: WordBands | null;
  /** By which of the dataset's other columns. */
  columns: readonly string[] | 'all';
  rules: readonly SliceRule[];
}

export const defaultSlices: SliceQuery = { judgedBy: 'likelihood', bands: null, columns: 'all', rules: [] };

/**
 * One model on the texts of a slice; fractions, the loss in nats. Macro averages are over the classes that the slice has, as true or as
 * predicted class: scikit-learn's default on these rows.
 */
export interface SliceFigures {
  /** Null where the answers were written: there are no probabilities. */
  loss: number | null;
  accuracy: number;
  macroPrecision: number;
  macroRecall: number;
  macroF1: number;
  weightedF1: number;
  /** Null as the loss is. */
  calibrationError: number | null;
  /** 95 %: Wilson for accuracy, bootstrap by seed for macro-F1; there is none for the others. */
  intervals: { accuracy: [number, number]; macroF1: [number, number] };
}

export interface Slice {
  /** "short", "quartile 1", a column's value, "(others)", "(empty)", or the rule in words. */
  value: string;
  /** What the value stands for where it does not say so itself: "under 50 words". */
  range: string | null;
  rows: number;
  /** Fewer than `fewestSliceTexts`. */
  tooFew: boolean;
  /** Null where the slice has no row. */
  base: SliceFigures | null;
  tuned: SliceFigures | null;
}

export interface SliceGroup {
  kind: 'length' | 'column' | 'rule';
  /** "length", the column's name, or "rule". */
  by: string;
  /** Bands of words, or quartiles; null where the values are the column's own. */
  division: 'bands' | 'quartiles' | null;
  slices: Slice[];
}

export interface SlicesReport {
  split: SplitName;
  rows: number;
  /** Columns that can be sliced by. */
  columns: string[];
  /** The whole split. */
  all: { base: SliceFigures; tuned: SliceFigures };
  /** Length, then the columns asked for, then the rules. */
  groups: SliceGroup[];
}

/** Names a slice of a report for the texts behind it. */
export interface SliceChoice {
  query: SliceQuery;
  kind: SliceGroup['kind'];
  by: string;
  value: string;
}
