import { noCleaning, type CleaningSettings } from '../api/cleaning';
import type { ColumnMapping, DatasetSummary, Preparation, SplitName, SplitOptions } from '../api/dataset';
import { splitNames } from '../api/splitNames';
import { cleansAnything } from './clean/cleanExamples';
import { noLabels, type Examples } from './mapColumns';
import { guessedMapping, mapFiles, type MappedFiles } from './mapFiles';
import { defaultSplitOptions, type OpenedDataset } from './openDataset';
import type { SkipLog } from './skipLog';
import { splitRows, type DatasetSplit } from './splitRows';
import { atOnce, inSlices, type SliceOptions, type Steps } from './steps';
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

/** What is to be otherwise in another dataset of the same files. */
export interface DatasetChange {
  mapping?: ColumnMapping;
  cleaning?: CleaningSettings;
  splitOptions?: Partial<SplitOptions>;
}

export interface ChangeOptions extends Pick<SliceOptions, 'signal'> {
  /** Of all looks at a text that the change takes. */
  onProgress: (progress: { texts: number; totalTexts: number }) => void;
}

/** An opened dataset with its columns chosen and its rows split. Never changes; another mapping or split is another Dataset. */
export class Dataset {
  readonly opened: OpenedDataset;
  readonly splitOptions: SplitOptions;
  readonly #mapped: MappedFiles;
  readonly #split: DatasetSplit;
  readonly #classes = new Map<SplitName, Int32Array>();

  private constructor(opened: OpenedDataset, mapped: MappedFiles, splitOptions: SplitOptions, split: DatasetSplit) {
    this.opened = opened;
    this.splitOptions = splitOptions;
    this.#mapped = mapped;
    this.#split = split;
  }

  /**
   * Without `mapping` the guessed columns are used. Throws data/no-label-column where there is no guess, what `mapColumns` throws,
   * data/unknown-label, and settings/invalid for shares that leave too little to train on.
   */
  static create(
    opened: OpenedDataset,
    mapping?: ColumnMapping,
    splitOptions?: Partial<SplitOptions>,
    cleaning: CleaningSettings = noCleaning,
  ): Dataset {
    return atOnce(Dataset.#steps(opened, { mapping, splitOptions, cleaning }));
  }

  /** As `create`, in slices of time; what is not in `change` is as it was. Throws the signal's reason too. */
  async changed({ mapping, cleaning, splitOptions }: DatasetChange, { signal, onProgress }: ChangeOptions): Promise<Dataset> {
    const wanted = { mapping: mapping ?? this.mapping, cleaning: cleaning ?? this.cleaning };
    const options = { ...this.splitOptions, ...splitOptions };
    const isOnlySplit = mapping === undefined && cleaning === undefined;
    const steps = isOnlySplit ? this.#splitSteps(options) : Dataset.#steps(this.opened, { ...wanted, splitOptions: options });
    const rows = Object.values(this.opened.tables).reduce((sum, { rowNumbers }) => sum + rowNumbers.length, 0);
    const looks = (isOnlySplit ? 0 : 1 + Number(cleansAnything(wanted.cleaning))) + Number(options.sameTextTogether);
    const totalTexts = rows * looks;
    // Rows that a look leaves out are not looked at again.
    return inSlices(steps, { signal, onTexts: (texts) => onProgress({ texts: Math.min(texts, totalTexts), totalTexts }) });
  }

  static *#steps(
    opened: OpenedDataset,
    { mapping, splitOptions, cleaning = noCleaning }: { [Key in keyof DatasetChange]: DatasetChange[Key] | undefined },
  ): Steps<Dataset> {
    const mapped = yield* mapFiles(opened, mapping ?? guessedMapping(opened), cleaning);
    const options = { ...defaultSplitOptions(opened), ...splitOptions };
    const { text, textPair, label } = mapped.mapping;
    const isTaken = options.groupColumn !== null && [text, textPair?.column, label].includes(options.groupColumn);
    const settled = isTaken ? { ...options, groupColumn: null } : options;
    return new Dataset(opened, mapped, settled, yield* splitRows(opened, mapped, settled));
  }

  *#splitSteps(options: SplitOptions): Steps<Dataset> {
    return new Dataset(this.opened, this.#mapped, options, yield* splitRows(this.opened, this.#mapped, options));
  }

  /** Class names in the order of the model's head; none where no column has labels. */
  get labels(): readonly string[] {
    return this.mapping.label === noLabels ? [] : this.#mapped.labels;
  }

  get mapping(): ColumnMapping {
    return this.#mapped.mapping;
  }

  withMapping(mapping: ColumnMapping): Dataset {
    return Dataset.create(this.opened, mapping, this.splitOptions, this.cleaning);
  }

  withCleaning(cleaning: CleaningSettings): Dataset {
    return Dataset.create(this.opened, this.mapping, this.splitOptions, cleaning);
  }

  withSplit(splitOptions: Partial<SplitOptions>): Dataset {
    return atOnce(this.#splitSteps({ ...this.splitOptions, ...splitOptions }));
  }

  get cleaning(): CleaningSettings {
    return this.#mapped.cleaning;
  }

  /** All that was done after reading. */
  get preparation(): Preparation {
    return { mapping: this.mapping, cleaning: this.cleaning, split: this.splitOptions };
  }

  /** The examples of each file before cleaning. */
  get uncleaned(): Examples[] {
    return Object.values(this.#mapped.uncleaned);
  }

  count(split: SplitName): number {
    const rows = this.#split.rows[split];
    return rows === null ? 0 : (rows.indices ?? rows.examples.rows).length;
  }

  /** The split's texts, in the order of the file. */
  texts(split: SplitName): TextList {
    const rows = this.#split.rows[split];
    if (rows === null) return listOf(0, () => '');
    const { text, rows: places } = rows.examples;
    return listOf(this.count(split), (index) => text.at(places[rows.indices?.[index] ?? index]!));
  }

  /** `(texts of the split)`: places in `labels`. */
  classes(split: SplitName): Int32Array {
    const rows = this.#split.rows[split];
    if (rows === null) return new Int32Array();
    const known = this.#classes.get(split);
    if (known) return known;
    const classes = rows.indices?.map((index) => rows.classes[index]!) ?? rows.classes;
    this.#classes.set(split, classes);
    return classes;
  }

  /** Texts with their classes, all of them at once: for splits of which all is needed. */
  examples(split: SplitName): LabelledText[] {
    const classes = this.classes(split);
    return Array.from(this.texts(split), (text, index) => ({ text, label: classes[index]! }));
  }

  /** Names of the columns that are neither text nor label, in the file that the split's rows come from. */
  otherColumns(split: SplitName): string[] {
    if (this.#split.rows[split] === null) return [];
    const { text, label, textPair } = this.mapping;
    return this.#tableOf(split).columns.filter((column) => ![text, label, textPair?.column].includes(column));
  }

  /** One column as written, in the order of `examples(split)`. */
  columnOf(split: SplitName, column: string): string[] {
    const rows = this.#split.rows[split];
    const table = this.#tableOf(split);
    const values = table.values[table.columns.indexOf(column)];
    if (rows === null || values === undefined) throw new RangeError(`There is no column “${column}” in the ${split} rows.`);
    const { rows: places } = rows.examples;
    return Array.from({ length: this.count(split) }, (_, index) => values.at(places[rows.indices?.[index] ?? index]!));
  }

  /** The file that a split's rows come from. */
  #tableOf(split: SplitName): Table {
    const { train } = this.opened.tables;
    return this.#split.rows[split]?.indices === null ? (this.opened.tables[split] ?? train) : train;
  }

  /** What was left out, by reason, with the first rows of each file listed. */
  get skipped(): { file: string; skips: SkipLog }[] {
    return splitNames.flatMap((split) => {
      const table = this.opened.tables[split];
      const examples = this.#mapped.examples[split];
      const leaks = split === 'train' ? this.#split : undefined;
      return [table, examples, leaks].flatMap((part) => (table && part ? [{ file: table.name, skips: part.skips }] : []));
    });
  }

  /** One cell as written; empty where the file has no such column. */
  cellOf(split: SplitName, index: number, column: string): string {
    const rows = this.#split.rows[split];
    const table = this.#tableOf(split);
    const values = table.values[table.columns.indexOf(column)];
    return rows && values ? values.at(rows.examples.rows[rows.indices?.[index] ?? index]!) : '';
  }

  /** Of a row of a split: the data row of its file, counted from 1. */
  rowNumber(split: SplitName, index: number): number {
    const rows = this.#split.rows[split];
    return rows?.examples.rowNumbers[rows.indices?.[index] ?? index] ?? 0;
  }

  summary(): DatasetSummary {
    const counts = (split: SplitName): number[] => {
      const counted = new Array<number>(this.labels.length).fill(0);
      if (counted.length > 0) for (const label of this.classes(split)) counted[label]! += 1;
      return counted;
    };
    return summarise(this.opened, this.#mapped, this.splitOptions, {
      rows: { train: this.count('train'), validation: this.count('validation'), test: this.count('test') },
      classes: { train: counts('train'), validation: counts('validation'), test: counts('test') },
      skips: this.#split.skips,
      unused: this.#split.unused,
      groups: this.#split.groups,
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
