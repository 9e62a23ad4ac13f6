import type { SplitName, SplitOptions } from '../api/dataset';
import { splitNames } from '../api/splitNames';
import { SameTexts } from './clean/sameTexts';
import { codesOfRows } from './column';
import { noLabels, type Examples } from './mapColumns';
import type { MappedFiles } from './mapFiles';
import type { OpenedDataset } from './openDataset';
import { SkipLog } from './skipLog';
import { splitByLabel, type SplitIndices } from './split';
import { joinRows, splitRowsPerClass, splitUnits, type Units } from './splitUnits';
import type { Steps } from './steps';
import type { Table } from './table';

/** Rows of a split: which file's examples, and which of them (null: all). */
export interface SplitRows {
  examples: Examples;
  /** `(examples of the file)`: class of each. */
  classes: Int32Array;
  indices: Int32Array | null;
}

export interface DatasetSplit {
  rows: Record<SplitName, SplitRows | null>;
  /** Training rows left out because their text or group stands in a given file. */
  skips: SkipLog;
  /** Rows that no split has. */
  unused: number;
  /** Distinct values of the group column; null without one. */
  groups: number | null;
}

type Texts = Pick<Examples, 'text' | 'rows'>;

/** Parts the rows of the training file and takes given files as they are. Throws settings/invalid, and data/missing-column for a group column that is none. */
export function* splitRows({ tables }: OpenedDataset, mapped: MappedFiles, options: SplitOptions): Steps<DatasetSplit> {
  const { examples, labels, mapping } = mapped;
  const classOf = new Map(labels.map((name, index) => [name, index]));
  const classesOf = ({ labels: { values, codes } }: Examples): Int32Array => {
    const classOfCode = values.map((value) => classOf.get(value)!);
    return codes.map((code) => classOfCode[code]!);
  };
  const classes = classesOf(examples.train);
  const given = (['validation', 'test'] as const).flatMap((split) => {
    const [part, table] = [examples[split], tables[split]];
    return part && table ? [{ examples: part, table }] : [];
  });
  const group = options.groupColumn === null ? null : groupsOf(tables.train, examples.train, options.groupColumn);
  const texts = options.sameTextTogether ? yield* sameTextsOf(examples.train) : null;

  const skips = new SkipLog();
  const kept = yield* withoutGiven(examples.train, given, group, texts, options.groupColumn, skips);
  const take = (codes: Int32Array): Int32Array => kept.map((place) => codes[place]!);
  const keys = [...(group ? [take(group.codes)] : []), ...(texts ? [take(texts.codes)] : [])];
  const isCorpus = mapping.label === noLabels;
  const carved = carve(take(classes), labels.length, keys, {
    ...options,
    stratified: options.stratified && !isCorpus,
    validationShare: examples.validation || options.method === 'given' ? 0 : options.validationShare,
    testShare: examples.test || options.method === 'given' ? 0 : options.testShare,
    rowsPerClass: {
      ...options.rowsPerClass,
      ...(examples.validation && { validation: 0 }),
      ...(examples.test && { test: 0 }),
    },
  });
  const rowsOf = (split: SplitName): SplitRows | null => {
    const own = split === 'train' ? undefined : examples[split];
    if (own !== undefined) return own.rows.length > 0 ? { examples: own, classes: classesOf(own), indices: null } : null;
    const indices = carved[split].map((index) => kept[index]!);
    return indices.length > 0 ? { examples: examples.train, classes, indices } : null;
  };
  const used = splitNames.reduce((sum, split) => sum + carved[split].length, 0);
  return {
    rows: { train: rowsOf('train'), validation: rowsOf('validation'), test: rowsOf('test') },
    skips,
    unused: kept.length - used,
    groups: group && group.count,
  };
}

function carve(classOfRow: Int32Array, classCount: number, keys: readonly Int32Array[], options: SplitOptions): SplitIndices {
  const alone = (): Units => ({ unitOf: Int32Array.from(classOfRow.keys()), count: classOfRow.length });
  const units = (): Units => (keys.length > 0 ? joinRows(classOfRow.length, keys) : alone());
  if (options.method === 'rows') return splitRowsPerClass({ classOfRow, classCount, units: units() }, options);
  const rows = options.stratified ? { classOfRow, classCount } : { classOfRow: new Int32Array(classOfRow.length), classCount: 1 };
  if (keys.length === 0) return splitByLabel(rows.classOfRow, rows.classCount, options);
  return splitUnits({ ...rows, units: units() }, options);
}

interface Groups {
  /** `(examples)`: -1 where the cell is empty. */
  codes: Int32Array;
  values: string[];
  count: number;
}

function groupsOf(table: Table, { rows }: Examples, column: string): Groups {
  const cells = table.values[table.columns.indexOf(column)];
  // Another file's columns may be chosen by then: it groups by nothing.
  if (cells === undefined) return { codes: new Int32Array(rows.length).fill(-1), values: [], count: 0 };
  const { values, codes } = codesOfRows(cells, rows);
  const isBlank = values.map((value) => value.trim() === '');
  return {
    codes: codes.map((code) => (isBlank[code] ? -1 : code)),
    values,
    count: isBlank.filter((blank) => !blank).length,
  };
}

interface FirstTexts {
  /** `(examples)`: the place of the first example with the same text. */
  codes: Int32Array;
  same: SameTexts;
}

function* sameTextsOf({ text, rows }: Texts): Steps<FirstTexts> {
  const textAt = (place: number): string => text.at(rows[place]!);
  const same = new SameTexts(textAt);
  const codes = new Int32Array(rows.length);
  for (let place = 0; place < rows.length; place += 1) {
    yield;
    codes[place] = same.firstLike(textAt(place), place);
  }
  return { codes, same };
}

/** Places of the training examples, without those whose text or group a given file has too. */
function* withoutGiven(
  train: Examples,
  given: readonly { examples: Examples; table: Table }[],
  group: Groups | null,
  texts: FirstTexts | null,
  groupColumn: string | null,
  skips: SkipLog,
): Steps<Int32Array> {
  const all = Int32Array.from(train.rows.keys());
  if (given.length === 0 || (!group && !texts)) return all;
  const takenTexts = new Set<number>();
  const takenGroups = new Set<string>();
  for (const { examples, table } of given) {
    const cells = groupColumn === null ? undefined : table.values[table.columns.indexOf(groupColumn)];
    for (const row of examples.rows) {
      yield;
      const place = texts?.same.find(examples.text.at(row)) ?? null;
      if (place !== null) takenTexts.add(place);
      const cell = group && cells?.at(row);
      if (cell && cell.trim() !== '') takenGroups.add(cell);
    }
  }
  return all.filter((place) => {
    const code = group?.codes[place] ?? -1;
    const isTaken = (texts && takenTexts.has(texts.codes[place]!)) || (code >= 0 && takenGroups.has(group!.values[code]!));
    if (isTaken) skips.note('in-another-split', train.rowNumbers[place]!, train.text.at(train.rows[place]!));
    return !isTaken;
  });
}
