import type { ColumnGuess } from '../api/dataset';
import type { Column } from './column';
import { largestClassCount } from './labels';
import type { Table } from './table';

const labelNames = ['label', 'labels', 'class', 'category', 'target', 'sentiment', 'intent', 'topic'];
const DECIMAL = /^[+-]?\d*\.\d*[1-9]\d*$/;
const ROWS_LOOKED_AT = 20_000;
/** Without a telling name a column must be this poor in values to pass for labels. */
const UNNAMED_DISTINCT_VALUES = 200;

export interface ColumnsGuess {
  text: ColumnGuess | null;
  label: ColumnGuess | null;
}

interface ColumnFacts {
  column: string;
  filled: number;
  /** Counted up to one more than a label column may have. */
  distinct: number;
  medianCharacters: number;
  hasDecimals: boolean;
}

/** Guesses by the columns' names and values, with a reason in words. A guess is null where no column is plausible. */
export function guessColumns(table: Table): ColumnsGuess {
  const facts = table.columns.map((column, index) => factsOf(column, table.values[index]!));
  const named = labelNames
    .map((name) => facts.find(({ column, filled }) => column.toLowerCase() === name && filled > 0))
    .find((found) => found !== undefined);
  const text = longestMedian(facts.filter((column) => column !== named));
  const label = named ?? poorestInValues(facts.filter((column) => column !== text));
  return {
    text: text && {
      column: text.column,
      reason: `Looks like text: median ${text.medianCharacters.toLocaleString('en')} characters.`,
    },
    label: label && { column: label.column, reason: labelReason(label, table.rowNumbers.length) },
  };
}

function labelReason({ distinct }: ColumnFacts, rows: number): string {
  const count =
    distinct > largestClassCount ? `More than ${largestClassCount.toLocaleString('en')}` : distinct.toLocaleString('en');
  return `${count} distinct ${distinct === 1 ? 'value' : 'values'} in ${rows.toLocaleString('en')} rows.`;
}

function longestMedian(candidates: ColumnFacts[]): ColumnFacts | null {
  return candidates.reduce<ColumnFacts | null>(
    (best, next) => (best === null || next.medianCharacters > best.medianCharacters ? next : best),
    null,
  );
}

function poorestInValues(candidates: ColumnFacts[]): ColumnFacts | null {
  const plausible = candidates.filter(
    ({ distinct, filled, hasDecimals }) =>
      distinct >= 2 && distinct <= UNNAMED_DISTINCT_VALUES && distinct <= filled / 2 && !hasDecimals,
  );
  return plausible.reduce<ColumnFacts | null>(
    (best, next) => (best === null || next.distinct < best.distinct ? next : best),
    null,
  );
}

function factsOf(column: string, values: Column): ColumnFacts {
  const distinct = new Set<string>();
  const lengths: number[] = [];
  let hasDecimals = false;
  for (const value of looked(values)) {
    if (value.trim() === '') continue;
    lengths.push(value.length);
    if (distinct.size <= largestClassCount) distinct.add(value);
    hasDecimals ||= DECIMAL.test(value);
  }
  lengths.sort((a, b) => a - b);
  return {
    column,
    filled: lengths.length,
    distinct: distinct.size,
    medianCharacters: lengths[Math.floor(lengths.length / 2)] ?? 0,
    hasDecimals,
  };
}

/** All of a column of few values; of many, so many rows evenly, as a guess needs no more. */
function* looked(values: Column): Generator<string> {
  const step = values.coded ? 1 : Math.max(1, Math.floor(values.length / ROWS_LOOKED_AT));
  for (let row = 0; row < values.length; row += step) yield values.at(row);
}
