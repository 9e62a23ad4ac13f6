import type { CleaningSettings } from '../api/cleaning';
import { plainLabels, type ColumnMapping } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { cleanExamples, cleansAnything } from './clean/cleanExamples';
import { namingOf, renamed, type LabelNaming } from './labelNaming';
import { checkKnownLabels, classesOf, noLabels, takeColumns, type Examples } from './mapColumns';
import type { OpenedDataset } from './openDataset';
import type { Steps } from './steps';
import type { Table } from './table';

/** What a mapping makes of the files; `examples` has an entry for each file given. */
export interface MappedFiles {
  mapping: ColumnMapping;
  cleaning: CleaningSettings;
  labels: string[];
  examples: FileExamples;
  /** Before cleaning. */
  uncleaned: FileExamples;
  joined: { name: string; written: string[] }[];
}

export interface FileExamples {
  train: Examples;
  validation?: Examples;
  test?: Examples;
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

/** Throws what `classesOf` throws, data/missing-column and data/unknown-label. */
export function* mapFiles({ tables }: OpenedDataset, mapping: ColumnMapping, cleaning: CleaningSettings): Steps<MappedFiles> {
  const asWritten = yield* takeColumns(tables.train, mapping);
  const naming = namingOf(asWritten.labels, mapping.labelOptions ?? plainLabels);
  const named = (examples: Examples): Examples => ({ ...examples, labels: renamed(examples.labels, naming) });
  const uncleaned: FileExamples = { train: named(asWritten) };
  const examples: FileExamples = { train: yield* cleanExamples(uncleaned.train, cleaning) };
  const labels = classesOf(tables.train, mapping, examples.train, cleansAnything(cleaning));
  for (const split of ['validation', 'test'] as const) {
    const table = tables[split];
    if (table === undefined) continue;
    const given = named(yield* takeColumns(table, mapping));
    uncleaned[split] = given;
    examples[split] = yield* cleanExamples(given, cleaning);
    checkKnownLabels(table, examples[split], labels);
  }
  return { mapping, cleaning, labels, examples, uncleaned, joined: joinedForms(asWritten.labels, naming) };
}

/** Names that stand for several labels of the training file. */
function joinedForms({ values }: Examples['labels'], naming: LabelNaming): MappedFiles['joined'] {
  const written = new Map<string, string[]>();
  for (const value of values) written.set(naming(value), [...(written.get(naming(value)) ?? []), value]);
  return [...written].flatMap(([name, forms]) => (forms.length > 1 ? [{ name, written: forms }] : []));
}

/** A table of columns is meant to have labels; texts and objects need not. */
function needsNoLabels({ kind }: Table): boolean {
  return kind !== 'delimited' && kind !== 'folders';
}
