import { plainLabels, type ColumnMapping } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { codesOfRows, type Column } from './column';
import { excerptOfRows } from './excerpt';
import { areDecimals, largestClassCount, sortedLabels } from './labels';
import { SkipLog } from './skipLog';
import type { Steps } from './steps';
import type { Table } from './table';
import { JoinedColumn } from './textColumns';

/** Stands for the label column where there is none; all rows are then of one kind. */
export const noLabels = '';

/** Fewer usable rows cannot be split and learnt from. */
const FEWEST_ROWS = 10;

/** The usable rows of a file under a mapping. */
export interface Examples {
  text: Column;
  /** `(examples)`: places in the table's columns. */
  rows: Int32Array;
  /** `(examples)`: data rows of the file, counted from 1. */
  rowNumbers: Int32Array;
  /** Labels exactly as written in the file, and for each example its place among them. */
  labels: { values: readonly string[]; codes: Int32Array };
  skips: SkipLog;
}

/** Takes texts and labels as they are; rows without a label or with an empty text are counted and left out. Throws data/missing-column. */
export function* takeColumns(table: Table, mapping: ColumnMapping): Steps<Examples> {
  const first = columnOf(table, mapping.text);
  const { textPair, labelOptions = plainLabels } = mapping;
  const text = textPair ? new JoinedColumn(first, columnOf(table, textPair.column), textPair.joiner) : first;
  const label = mapping.label === noLabels ? null : columnOf(table, mapping.label);
  const blank = label?.coded?.values.map((value) => value.trim() === '');
  const lacksLabel = (row: number): boolean => {
    if (label === null || labelOptions.unlabelled === 'class') return false;
    return blank ? blank[label.coded!.codes[row]!]! : label.at(row).trim() === '';
  };
  const skips = new SkipLog();
  const rows = new Int32Array(text.length);
  let kept = 0;
  for (let row = 0; row < text.length; row += 1) {
    yield;
    const isEmpty = text.at(row).trim() === '';
    const code = lacksLabel(row) ? 'no-label' : isEmpty ? 'empty-text' : null;
    if (code === null) rows[kept++] = row;
    else skips.note(code, table.rowNumbers[row]!, [text.at(row), label?.at(row) ?? ''].join(', '));
  }
  const keptRows = rows.slice(0, kept);
  return {
    text,
    rows: keptRows,
    rowNumbers: keptRows.map((row) => table.rowNumbers[row]!),
    labels: label === null ? { values: [noLabels], codes: new Int32Array(kept) } : codesOfRows(label, keptRows),
    skips,
  };
}

/** The classes of the file to train on. Throws where its labels cannot be used as classes. */
export function classesOf(table: Table, mapping: ColumnMapping, examples: Examples, isCleaned = false): string[] {
  checkClasses(table, mapping, examples, isCleaned);
  return sortedLabels(examples.labels.values);
}

/** Throws data/unknown-label where a validation or test file has a label that training does not know. */
export function checkKnownLabels(table: Table, examples: Examples, classes: readonly string[]): void {
  const { values, codes } = examples.labels;
  const known = new Set(classes);
  const unknown = new Set(values.flatMap((value, code) => (known.has(value) ? [] : [code])));
  const index = unknown.size === 0 ? -1 : codes.findIndex((code) => unknown.has(code));
  if (index < 0) return;
  const label = values[codes[index]!]!;
  const row = examples.rowNumbers[index]!;
  throw new TuneletError(
    'data/unknown-label',
    `Reading ${table.name}, row ${row} has the label “${excerpt(label)}”, which no row of the training file has.`,
    'Use the same labels in all files, or remove these rows.',
    { file: table.name, row, label, ...excerptOfRows(rowsOf(examples, index), row) },
  );
}

/** The examples around one of them. */
function rowsOf({ text, rows, rowNumbers, labels }: Examples, index: number): { row: number; cells: string[] }[] {
  const places = [-2, -1, 0, 1, 2].map((offset) => index + offset).filter((place) => place >= 0 && place < rows.length);
  return places.map((place) => {
    return { row: rowNumbers[place]!, cells: [text.at(rows[place]!), labels.values[labels.codes[place]!]!] };
  });
}

function columnOf(table: Table, column: string): Column {
  const values = table.values[table.columns.indexOf(column)];
  if (values !== undefined) return values;
  throw new TuneletError(
    'data/missing-column',
    `Reading ${table.name}, there is no column “${column}”. It has ${table.columns.map((name) => `“${excerpt(name)}”`).join(', ')}.`,
    'Choose one of these columns, or give all files the same header.',
    { file: table.name, column, columns: JSON.stringify(table.columns) },
  );
}

function checkClasses(table: Table, mapping: ColumnMapping, examples: Examples, isCleaned: boolean): void {
  const rows = examples.rows.length;
  const distinct = examples.labels.values;
  const details = {
    file: table.name,
    column: mapping.label,
    columns: JSON.stringify(table.columns),
    rows,
    distinct: distinct.length,
  };
  const column = mapping.label === noLabels ? table.name : `column “${mapping.label}” of ${table.name}`;
  if (rows < FEWEST_ROWS) {
    throw new TuneletError(
      'data/too-few-rows',
      `Looking at ${column}, only ${rows} ${rows === 1 ? 'row has' : 'rows have'} a text${mapping.label === noLabels ? '' : ' and a label'}${isCleaned ? ' after cleaning' : ''}. At least ${FEWEST_ROWS} are needed.`,
      isCleaned ? 'Clean less, add rows, or choose other columns.' : 'Add rows, or choose other columns.',
      details,
    );
  }
  if (mapping.label === noLabels) return;
  if (distinct.length === 1) {
    throw new TuneletError(
      'data/one-class',
      `Looking at ${column}, all ${rows.toLocaleString('en')} rows have the same label, “${excerpt(distinct[0]!)}”. There is nothing to tell apart.`,
      'Add rows with another label, or choose another label column.',
      details,
    );
  }
  if (areDecimals(distinct)) {
    throw new TuneletError(
      'data/float-labels',
      `Looking at ${column}, its values are decimal numbers such as ${distinct.find((value) => areDecimals([value])) ?? ''}. Tunelet learns classes, not amounts.`,
      'Choose a column of names or whole numbers, or put the numbers into ranges first.',
      details,
    );
  }
  if (distinct.length > largestClassCount || distinct.length > rows / 2) {
    throw new TuneletError(
      'data/too-many-classes',
      `Looking at ${column}, it has ${distinct.length.toLocaleString('en')} distinct values in ${rows.toLocaleString('en')} rows${rangeOf(distinct)}. Labels may have at most ${largestClassCount.toLocaleString('en')} values, each in two rows on average.`,
      'Choose the column that holds the class, put numbers into ranges, or merge rare classes.',
      details,
    );
  }
}

/** Whole numbers of many values are amounts or row numbers, which is not seen at a glance. */
function rangeOf(values: readonly string[]): string {
  const numbers = values.map(Number);
  if (!values.every((value, index) => value.trim() !== '' && Number.isInteger(numbers[index]))) return '';
  const least = numbers.reduce((low, value) => Math.min(low, value), Infinity);
  const most = numbers.reduce((high, value) => Math.max(high, value), -Infinity);
  return `, whole numbers from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}: an amount or a number for each row, as it seems, not a class`;
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
