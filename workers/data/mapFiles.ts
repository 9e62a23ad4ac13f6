import type { ColumnMapping } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { checkKnownLabels, mapColumns, noLabels, takeColumns } from './mapColumns';
import type { Examples } from './mapColumns';
import type { OpenedDataset } from './openDataset';
import type { Table } from './table';

/** What a mapping makes of the files; `examples` has an entry for each file given. */
export interface MappedFiles {
  mapping: ColumnMapping;
  labels: string[];
  examples: { train: Examples; validation?: Examples; test?: Examples };
}

/** Throws data/no-label-column where nothing was guessed. */
export function guessedMapping({ tables, guess }: OpenedDataset): ColumnMapping {
  if (guess.text !== null && guess.label !== null) return { text: guess.text.column, label: guess.label.column };
  if (guess.text !== null && needsNoLabels(tables.train)) return { text: guess.text.column, label: noLabels };
  const { name, columns } = tables.train;
  throw new TuneletError(
    'data/no-label-column',
    `Looking at ${name}, none of its columns (${columns.join(', ')}) looks like labels: a few distinct names or whole numbers, each in many rows.`,
    'Choose the label column yourself, or add one.',
    { file: name, columns: JSON.stringify(columns), text: guess.text?.column ?? '' },
  );
}

/** Throws what `mapColumns` throws, data/missing-column and data/unknown-label. */
export function mapFiles({ tables }: OpenedDataset, mapping: ColumnMapping): MappedFiles {
  const { examples, classes } = mapColumns(tables.train, mapping);
  const mapped: MappedFiles = { mapping, labels: classes, examples: { train: examples } };
  for (const split of ['validation', 'test'] as const) {
    const table = tables[split];
    if (table === undefined) continue;
    const given = takeColumns(table, mapping);
    checkKnownLabels(table, given, classes);
    mapped.examples[split] = given;
  }
  return mapped;
}

/** A table of columns is meant to have labels; texts and objects need not. */
function needsNoLabels({ kind }: Table): boolean {
  return kind !== 'delimited' && kind !== 'folders';
}
