import type { ColumnMapping, DatasetSummary, SplitName, SplitOptions } from '../api/dataset';
import { splitNames } from '../api/splitNames';
import { noLabels, type Examples } from './mapColumns';
import { guessedMapping, mapFiles } from './mapFiles';
import type { MappedFiles } from './mapFiles';
import { defaultSplitOptions } from './openDataset';
import type { OpenedDataset } from './openDataset';
import type { SkipLog } from './skipLog';
import { splitByLabel } from './split';
import { summarise } from './summary';
import type { Table } from './table';

export interface LabelledText {
  text: string;
  /** Index in `Dataset.labels`. */
  label: number;
}

/** Texts that are decoded when they are asked for. */
export interface TextList extends Iterable<string> {
  readonly length: number;
  at(index: number): string;
}

/** Rows of a split: which file's examples, and which of them (null: all). */
interface SplitRows {
  examples: Examples;
  /** `(examples of the file)`: class of each. */
  classes: Int32Array;
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
    return rows === null ? 0 : (rows.indices ?? rows.examples.rows).length;
  }

  /** The split's texts, in the order of the file. */
  texts(split: SplitName): TextList {
    const rows = this.#rows[split];
    if (rows === null) return listOf(0, () => '');
    const { text, rows: places } = rows.examples;
    return listOf(this.count(split), (index) => text.at(places[rows.indices?.[index] ?? index]!));
  }

  /** `(texts of the split)`: places in `labels`. */
  classes(split: SplitName): Int32Array {
    const rows = this.#rows[split];
    if (rows === null) return new Int32Array();
    return rows.indices?.map((index) => rows.classes[index]!) ?? rows.classes;
  }

  /** Texts with their classes, all of them at once: for splits of which all is needed. */
  examples(split: SplitName): LabelledText[] {
    const classes = this.classes(split);
    return Array.from(this.texts(split), (text, index) => ({ text, label: classes[index]! }));
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
    const { rows: places } = rows.examples;
    return Array.from({ length: this.count(split) }, (_, index) => values.at(places[rows.indices?.[index] ?? index]!));
  }

  /** The file that a split's rows come from. */
  #tableOf(split: SplitName): Table {
    const { train } = this.opened.tables;
    return this.#rows[split]?.indices === null ? (this.opened.tables[split] ?? train) : train;
  }

  /** What was left out, by reason, with the first rows of each file listed. */
  get skipped(): { file: string; skips: SkipLog }[] {
    return splitNames.flatMap((split) => {
      const table = this.opened.tables[split];
      const examples = this.#mapped.examples[split];
      return [table, examples].flatMap((part) => (table && part ? [{ file: table.name, skips: part.skips }] : []));
    });
  }

  summary(): DatasetSummary {
    return summarise(this.opened, this.#mapped, this.splitOptions, {
      train: this.count('train'),
      validation: this.count('validation'),
      test: this.count('test'),
    });
  }
}

function listOf(length: number, at: (index: number) => string): TextList {
  return {
    length,
    at,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index += 1) yield at(index);
    },
  };
}

function splitRows({ labels, examples }: MappedFiles, options: SplitOptions): Record<SplitName, SplitRows | null> {
  const classOf = new Map(labels.map((name, index) => [name, index]));
  const classesOf = ({ labels: { values, codes } }: Examples): Int32Array => {
    const classOfCode = values.map((value) => classOf.get(value)!);
    return codes.map((code) => classOfCode[code]!);
  };
  const trainClasses = classesOf(examples.train);
  const carved = splitByLabel(trainClasses, labels.length, {
    seed: options.seed,
    validationShare: examples.validation ? 0 : options.validationShare,
    testShare: examples.test ? 0 : options.testShare,
  });
  const rowsOf = (split: SplitName): SplitRows | null => {
    const given = split === 'train' ? undefined : examples[split];
    if (given !== undefined) return given.rows.length > 0 ? { examples: given, classes: classesOf(given), indices: null } : null;
    return carved[split].length > 0 ? { examples: examples.train, classes: trainClasses, indices: carved[split] } : null;
  };
  return { train: rowsOf('train'), validation: rowsOf('validation'), test: rowsOf('test') };
}
