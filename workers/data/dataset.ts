import type { ColumnMapping, DatasetSummary, SplitName, SplitOptions } from '../api/dataset';
import { noLabels, type Examples } from './mapColumns';
import { guessedMapping, mapFiles } from './mapFiles';
import type { MappedFiles } from './mapFiles';
import { defaultSplitOptions } from './openDataset';
import type { OpenedDataset } from './openDataset';
import { splitByLabel } from './split';
import { summarise } from './summary';
import type { Table } from './table';

export interface LabelledText {
  text: string;
  /** Index in `Dataset.labels`. */
  label: number;
}

/** Rows of a split: which file's examples, and which of them (null: all). */
interface SplitRows {
  examples: Examples;
  indices: Int32Array | null;
}

/** An opened dataset with its columns chosen and its rows split. Never changes; another mapping or split is another Dataset. */
export class Dataset {
  readonly opened: OpenedDataset;
  readonly splitOptions: SplitOptions;
  readonly #mapped: MappedFiles;
  readonly #rows: Record<SplitName, SplitRows | null>;

  private constructor(opened: OpenedDataset, mapped: MappedFiles, splitOptions: SplitOptions) {
    this.opened = opened;
    this.splitOptions = splitOptions;
    this.#mapped = mapped;
    this.#rows = splitRows(mapped, splitOptions);
  }

  /**
   * Without `mapping` the guessed columns are used. Throws data/no-label-column where there is no guess, what `mapColumns` throws,
   * data/unknown-label, and settings/invalid for shares that leave too little to train on.
   */
  static create(opened: OpenedDataset, mapping?: ColumnMapping, splitOptions?: SplitOptions): Dataset {
    const mapped = mapFiles(opened, mapping ?? guessedMapping(opened));
    return new Dataset(opened, mapped, splitOptions ?? defaultSplitOptions(opened));
  }

  /** Class names in the order of the model's head; none where no column has labels. */
  get labels(): readonly string[] {
    return this.mapping.label === noLabels ? [] : this.#mapped.labels;
  }

  get mapping(): ColumnMapping {
    return this.#mapped.mapping;
  }

  withMapping(mapping: ColumnMapping): Dataset {
    return Dataset.create(this.opened, mapping, this.splitOptions);
  }

  withSplit(splitOptions: SplitOptions): Dataset {
    return new Dataset(this.opened, this.#mapped, splitOptions);
  }

  count(split: SplitName): number {
    const rows = this.#rows[split];
    return rows === null ? 0 : (rows.indices ?? rows.examples.texts).length;
  }

  /** The split's texts, in the order of the file. */
  examples(split: SplitName): LabelledText[] {
    const rows = this.#rows[split];
    if (rows === null) return [];
    const { texts, labels } = rows.examples;
    const classOf = new Map(this.#mapped.labels.map((name, index) => [name, index]));
    const example = (index: number): LabelledText => ({ text: texts[index]!, label: classOf.get(labels[index]!)! });
    return Array.from({ length: this.count(split) }, (_, place) => example(rows.indices?.[place] ?? place));
  }

  /** Names of the columns that are neither text nor label, in the file that the split's rows come from. */
  otherColumns(split: SplitName): string[] {
    if (this.#rows[split] === null) return [];
    const { text, label } = this.mapping;
    return this.#tableOf(split).columns.filter((column) => column !== text && column !== label);
  }

  /** One column as written, in the order of `examples(split)`. */
  columnOf(split: SplitName, column: string): string[] {
    const rows = this.#rows[split];
    const table = this.#tableOf(split);
    const values = table.values[table.columns.indexOf(column)];
    if (rows === null || values === undefined) throw new RangeError(`There is no column “${column}” in the ${split} rows.`);
    const places = placesOf(table.rowNumbers, rows.examples.rows);
    return Array.from({ length: this.count(split) }, (_, place) => values[places[rows.indices?.[place] ?? place]!]!);
  }

  /** The file that a split's rows come from. */
  #tableOf(split: SplitName): Table {
    const { train } = this.opened.tables;
    return this.#rows[split]?.indices === null ? (this.opened.tables[split] ?? train) : train;
  }

  summary(): DatasetSummary {
    return summarise(this.opened, this.#mapped, this.splitOptions, {
      train: this.count('train'),
      validation: this.count('validation'),
      test: this.count('test'),
    });
  }
}

/** Where each of `rows` stands in `rowNumbers`; both ascend. */
function placesOf(rowNumbers: readonly number[], rows: readonly number[]): Int32Array {
  let place = 0;
  return Int32Array.from(rows, (row) => {
    while (rowNumbers[place]! < row) place += 1;
    return place;
  });
}

function splitRows({ labels, examples }: MappedFiles, options: SplitOptions): Record<SplitName, SplitRows | null> {
  const classOf = new Map(labels.map((name, index) => [name, index]));
  const classOfRow = Int32Array.from(examples.train.labels, (label) => classOf.get(label)!);
  const carved = splitByLabel(classOfRow, labels.length, {
    seed: options.seed,
    validationShare: examples.validation ? 0 : options.validationShare,
    testShare: examples.test ? 0 : options.testShare,
  });
  const rowsOf = (split: SplitName): SplitRows | null => {
    const given = split === 'train' ? undefined : examples[split];
    if (given !== undefined) return given.texts.length > 0 ? { examples: given, indices: null } : null;
    return carved[split].length > 0 ? { examples: examples.train, indices: carved[split] } : null;
  };
  return { train: rowsOf('train'), validation: rowsOf('validation'), test: rowsOf('test') };
}
