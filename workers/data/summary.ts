import type { ColumnGuess, DatasetSummary, DatasetWarning, SplitName, SplitOptions } from '../api/dataset';
import { splitNames } from '../api/splitNames';
import { noLabels, type Examples } from './mapColumns';
import type { MappedFiles } from './mapFiles';
import type { OpenedDataset } from './openDataset';
import { labelVariants } from './labelNaming';
import { joinSkips, type SkipLog } from './skipLog';
import { warningsOf } from './warnings';

const PREVIEW_ROWS = 5;
/** A preview is for looking; a cell of a megabyte stays in the worker. */
const PREVIEW_CHARACTERS = 1000;

/** What a split made of the rows. */
export interface Parted {
  rows: Record<SplitName, number>;
  /** Rows of each class, in class order. */
  classes: Record<SplitName, number[]>;
  skips: SkipLog;
  unused: number;
  groups: number | null;
}

/** What the page shows of a dataset. */
export function summarise(
  opened: OpenedDataset,
  mapped: MappedFiles,
  splitOptions: SplitOptions,
  parted: Parted,
): DatasetSummary {
  const split = parted.rows;
  const labels = mapped.mapping.label === noLabels ? [] : countLabels(mapped.labels, Object.values(mapped.examples));
  const tables = Object.values(opened.tables);
  const files = Object.values(mapped.examples);
  return {
    name: opened.name,
    sizeBytes: sumOf(tables, (table) => table.sizeBytes),
    format: opened.tables.train.format,
    columns: opened.tables.train.columns,
    guess: {
      text: opened.guess.text ?? chosenByHand(mapped.mapping.text, 'text'),
      label: opened.guess.label ?? (mapped.mapping.label === noLabels ? none : chosenByHand(mapped.mapping.label, 'labels')),
    },
    mapping: mapped.mapping,
    preview: previewOf(mapped.examples.train),
    rowCount: split.train + split.validation + split.test + parted.unused,
    cleaning: mapped.cleaning,
    labels,
    skipped: joinSkips([...files, ...tables, parted].map(({ skips }) => skips)),
    warnings: [...warningsOf(tables, mapped, labels), ...stuckTogether(splitOptions, split)],
    split,
    splitCounts: parted.classes,
    unused: parted.unused,
    givenSplits: splitNames.filter((name) => name !== 'train' && opened.tables[name] !== undefined),
    groups: parted.groups,
    joinedLabels: mapped.joined,
    labelVariants: mapped.mapping.label === noLabels ? [] : labelVariants(mapped.labels),
    splitMethod: splitMethod(mapped, splitOptions, split),
    splitOptions,
    attribution: opened.attribution,
    ...(opened.hub && { hub: opened.hub }),
  };
}

const none: ColumnGuess = { column: noLabels, reason: 'No column looks like labels. Plain text needs none.' };

function chosenByHand(column: string, what: string): ColumnGuess {
  return { column, reason: `No column looks like ${what}; you chose this one.` };
}

function previewOf({ text: column, labels, rows, rowNumbers }: Examples): DatasetSummary['preview'] {
  return Array.from(rows.slice(0, PREVIEW_ROWS), (place, index) => {
    const text = column.at(place);
    const shown = text.length > PREVIEW_CHARACTERS ? `${text.slice(0, PREVIEW_CHARACTERS)}…` : text;
    return { row: rowNumbers[index]!, text: shown, label: labels.values[labels.codes[index]!]! };
  });
}

function countLabels(labels: readonly string[], files: Examples[]): DatasetSummary['labels'] {
  const counts = new Map(labels.map((name) => [name, 0]));
  for (const {
    labels: { values, codes },
  } of files) {
    const inFile = new Int32Array(values.length);
    for (const code of codes) inFile[code]! += 1;
    values.forEach((value, code) => counts.set(value, (counts.get(value) ?? 0) + inFile[code]!));
  }
  return [...counts].map(([name, count]) => ({ name, count }));
}

/** Where everything hangs together, nothing is left to judge a model by. */
function stuckTogether(
  { groupColumn, sameTextTogether, method }: SplitOptions,
  split: Record<SplitName, number>,
): DatasetWarning[] {
  if (split.validation > 0 || method === 'given' || (groupColumn === null && !sameTextTogether)) return [];
  const by = [...(groupColumn === null ? [] : [`the same ${groupColumn}`]), ...(sameTextTogether ? ['the same text'] : [])];
  const message = `No row is left for validation. Rows with ${by.join(' or ')} stay together, and too many of them hang together that way: switch ${by.length > 1 ? 'one of the two' : 'it'} off, or give a file for validation.`;
  return [{ code: 'split-together', message }];
}

function splitMethod({ examples, mapping }: MappedFiles, options: SplitOptions, split: Record<SplitName, number>): string {
  const given = (['validation', 'test'] as const).filter((name) => examples[name] !== undefined);
  const carved = (['validation', 'test'] as const).filter((name) => examples[name] === undefined && split[name] > 0);
  const isByRows = options.method === 'rows';
  if (carved.length === 0 && !isByRows) return given.length > 0 ? 'given files' : 'all rows for training';
  const way = [wayOf(options, mapping.label === noLabels), `seed ${options.seed}`].join(', ');
  const kept = options.groupColumn === null ? '' : `, no ${options.groupColumn} in two parts`;
  const same = options.sameTextTogether ? ', no text in two parts' : '';
  if (given.length === 0) return `${way}${kept}${same}`;
  const parts = carved.length === 0 ? 'training rows' : carved.join(' and ');
  return `${parts} ${way}${kept}${same}; ${given.join(' and ')} from its own file`;
}

function wayOf({ method, rowsPerClass, stratified }: SplitOptions, isCorpus: boolean): string {
  const { train, validation, test } = rowsPerClass;
  if (method === 'rows') return `${train}, ${validation} and ${test} rows of each class`;
  return isCorpus || !stratified ? 'at random' : 'by label';
}

function sumOf<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}
