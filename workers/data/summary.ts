import type { ColumnGuess, DatasetSummary, SplitName, SplitOptions } from '../api/dataset';
import { noLabels, type Examples } from './mapColumns';
import type { MappedFiles } from './mapFiles';
import type { OpenedDataset } from './openDataset';
import type { Table } from './table';

const PREVIEW_ROWS = 5;
/** A preview is for looking; a cell of a megabyte stays in the worker. */
const PREVIEW_CHARACTERS = 1000;

/** What the page shows of a dataset. */
export function summarise(
  opened: OpenedDataset,
  mapped: MappedFiles,
  splitOptions: SplitOptions,
  split: Record<SplitName, number>,
): DatasetSummary {
  const tables = Object.values(opened.tables);
  const files = Object.values(mapped.examples);
  return {
    name: opened.name,
    sizeBytes: sumOf(tables, (table) => table.sizeBytes),
    format: `UTF-8, ${opened.tables.train.delimiter}`,
    columns: opened.tables.train.columns,
    guess: {
      text: opened.guess.text ?? chosenByHand(mapped.mapping.text, 'text'),
      label: opened.guess.label ?? (mapped.mapping.label === noLabels ? none : chosenByHand(mapped.mapping.label, 'labels')),
    },
    mapping: mapped.mapping,
    preview: previewOf(mapped.examples.train),
    rowCount: sumOf(tables, (table) => table.rowCount),
    labels: mapped.mapping.label === noLabels ? [] : countLabels(mapped.labels, files),
    skipped: skippedRows(tables, files),
    split,
    splitMethod: splitMethod(mapped, splitOptions, split),
    splitOptions,
    attribution: opened.attribution,
  };
}

const none: ColumnGuess = { column: noLabels, reason: 'No column looks like labels. Plain text needs none.' };

function chosenByHand(column: string, what: string): ColumnGuess {
  return { column, reason: `No column looks like ${what}; you chose this one.` };
}

function previewOf({ texts, labels, rows }: Examples): DatasetSummary['preview'] {
  return rows.slice(0, PREVIEW_ROWS).map((row, index) => {
    const text = texts[index]!;
    const shown = text.length > PREVIEW_CHARACTERS ? `${text.slice(0, PREVIEW_CHARACTERS)}…` : text;
    return { row, text: shown, label: labels[index]! };
  });
}

function countLabels(labels: readonly string[], files: Examples[]): DatasetSummary['labels'] {
  const counts = new Map(labels.map((name) => [name, 0]));
  for (const file of files) for (const label of file.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count }));
}

function skippedRows(tables: Table[], files: Examples[]): DatasetSummary['skipped'] {
  const reasons = [
    { what: 'without a label', count: sumOf(files, (file) => file.withoutLabel) },
    { what: 'with an empty text', count: sumOf(files, (file) => file.withoutText) },
    { what: 'with too few fields', count: sumOf(tables, (table) => table.tooFewFields) },
    { what: 'with too many fields', count: sumOf(tables, (table) => table.tooManyFields) },
  ];
  return reasons
    .filter(({ count }) => count > 0)
    .map(({ what, count }) => ({ reason: `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'} ${what}`, count }));
}

function splitMethod({ examples, mapping }: MappedFiles, { seed }: SplitOptions, split: Record<SplitName, number>): string {
  const given = (['validation', 'test'] as const).filter((name) => examples[name] !== undefined);
  const carved = (['validation', 'test'] as const).filter((name) => examples[name] === undefined && split[name] > 0);
  if (carved.length === 0) return given.length > 0 ? 'given files' : 'all rows for training';
  const way = mapping.label === noLabels ? 'at random' : 'by label';
  if (given.length === 0) return `${way}, seed ${seed}`;
  return `${carved.join(' and ')} ${way}, seed ${seed}; ${given.join(' and ')} from its own file`;
}

function sumOf<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}
