import type { ColumnMapping } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { excerptOfRows } from './excerpt';
import { areDecimals, largestClassCount, sortedLabels } from './labels';
import type { Table } from './table';

/** Stands for the label column where there is none; all rows are then of one kind. */
export const noLabels = '';

/** Fewer usable rows cannot be split and learnt from. */
const FEWEST_ROWS = 10;

/** The usable rows of a file under a mapping; `texts` share the table's strings. */
export interface Examples {
  texts: string[];
  /** Exactly as written in the file. */
  labels: string[];
  /** Data rows of the file, counted from 1. */
  rows: number[];
  withoutLabel: number;
  withoutText: number;
}

/** Takes texts and labels as they are; rows without a label or with an empty text are counted and left out. Throws data/missing-column. */
export function takeColumns(table: Table, mapping: ColumnMapping): Examples {
  const texts = columnOf(table, mapping.text);
  const labels = mapping.label === noLabels ? null : columnOf(table, mapping.label);
  const examples: Examples = { texts: [], labels: [], rows: [], withoutLabel: 0, withoutText: 0 };
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index]!;
    const label = labels?.[index] ?? noLabels;
    if (labels !== null && label.trim() === '') examples.withoutLabel += 1;
    else if (text.trim() === '') examples.withoutText += 1;
    else {
      examples.texts.push(text);
      examples.labels.push(label);
      examples.rows.push(table.rowNumbers[index]!);
    }
  }
  return examples;
}

/** As `takeColumns`, for the file to train on: its labels must be usable as classes. */
export function mapColumns(table: Table, mapping: ColumnMapping): { examples: Examples; classes: string[] } {
  const examples = takeColumns(table, mapping);
  const distinct = new Set(examples.labels);
  checkClasses(table, mapping, examples, distinct);
  return { examples, classes: sortedLabels(distinct) };
}

/** Throws data/unknown-label where a validation or test file has a label that training does not know. */
export function checkKnownLabels(table: Table, examples: Examples, classes: readonly string[]): void {
  const known = new Set(classes);
  const index = examples.labels.findIndex((label) => !known.has(label));
  if (index < 0) return;
  const label = examples.labels[index]!;
  const row = examples.rows[index]!;
  throw new TuneletError(
    'data/unknown-label',
    `Reading ${table.name}, row ${row} has the label “${excerpt(label)}”, which no row of the training file has.`,
    'Use the same labels in all files, or remove these rows.',
    { file: table.name, row, label, ...excerptOfRows(rowsOf(examples, index), row) },
  );
}

/** The examples around one of them. */
function rowsOf(examples: Examples, index: number): { row: number; cells: string[] }[] {
  const first = Math.max(0, index - 2);
  return examples.rows.slice(first, index + 3).map((row, offset) => {
    return { row, cells: [examples.texts[first + offset]!, examples.labels[first + offset]!] };
  });
}

function columnOf(table: Table, column: string): string[] {
  const values = table.values[table.columns.indexOf(column)];
  if (values !== undefined) return values;
  throw new TuneletError(
    'data/missing-column',
    `Reading ${table.name}, there is no column “${column}”. It has ${table.columns.map((name) => `“${excerpt(name)}”`).join(', ')}.`,
    'Choose one of these columns, or give all files the same header.',
    { file: table.name, column, columns: JSON.stringify(table.columns) },
  );
}

function checkClasses(table: Table, mapping: ColumnMapping, examples: Examples, distinct: Set<string>): void {
  const rows = examples.labels.length;
  const details = {
    file: table.name,
    column: mapping.label,
    columns: JSON.stringify(table.columns),
    rows,
    distinct: distinct.size,
  };
  const column = mapping.label === noLabels ? table.name : `column “${mapping.label}” of ${table.name}`;
  if (rows < FEWEST_ROWS) {
    throw new TuneletError(
      'data/too-few-rows',
      `Looking at ${column}, only ${rows} ${rows === 1 ? 'row has' : 'rows have'} a text${mapping.label === noLabels ? '' : ' and a label'}. At least ${FEWEST_ROWS} are needed.`,
      'Add rows, or choose other columns.',
      details,
    );
  }
  if (mapping.label === noLabels) return;
  if (distinct.size === 1) {
    throw new TuneletError(
      'data/one-class',
      `Looking at ${column}, all ${rows.toLocaleString('en')} rows have the same label, “${excerpt(examples.labels[0]!)}”. There is nothing to tell apart.`,
      'Add rows with another label, or choose another label column.',
      details,
    );
  }
  if (areDecimals(distinct)) {
    throw new TuneletError(
      'data/float-labels',
      `Looking at ${column}, its values are decimal numbers such as ${[...distinct].find((value) => areDecimals([value])) ?? ''}. Tunelet learns classes, not amounts.`,
      'Choose a column of names or whole numbers, or put the numbers into ranges first.',
      details,
    );
  }
  if (distinct.size > largestClassCount || distinct.size > rows / 2) {
    throw new TuneletError(
      'data/too-many-classes',
      `Looking at ${column}, it has ${distinct.size.toLocaleString('en')} distinct values in ${rows.toLocaleString('en')} rows. Labels may have at most ${largestClassCount.toLocaleString('en')} values, each in two rows on average.`,
      'Choose the column that holds the class, or merge rare classes.',
      details,
    );
  }
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
