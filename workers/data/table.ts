import { TuneletError } from '../api/errors';
import type { SkipReason } from '../api/dataset';
import { ColumnBuilder, type Column } from './column';
import { ColumnNames } from './columnNames';
import { limits } from './limits';
import { faultIn, type RowSink } from './rowSink';
import { SkipLog } from './skipLog';

/** What a table was read from, without its encoding and packing. */
export type TableKind = 'delimited' | 'json-lines' | 'json' | 'parquet' | 'plain-text' | 'folders';

/** A file's rows, column by column; a text is held once. */
export interface Table {
  name: string;
  sizeBytes: number;
  kind: TableKind;
  /** "UTF-8, comma", "Parquet": for the user. */
  format: string;
  columns: string[];
  /** All equally long. */
  values: Column[];
  /** `(kept rows)`: data rows counted from 1. */
  rowNumbers: Int32Array;
  /** Data rows read, those left out included. */
  rowCount: number;
  skips: SkipLog;
  /** Things that the user should know of, which left nothing out. */
  warnings: { code: string; message: string }[];
}

const WEIGHED_AFTER = 4 * 1024 * 1024;
/** A row's place in a column of few values. */
const EMPTY_BYTES = 2;

/** Gathers rows into columns. Throws data/too-large and data/too-many-columns. */
export class TableBuilder implements RowSink {
  readonly skips = new SkipLog();
  readonly #file: string;
  readonly #names: ColumnNames;
  #builders: ColumnBuilder[] = [];
  #rowNumbers = new Int32Array(1024);
  #keptRows = 0;
  #rowCount = 0;
  /** Characters taken since the columns were last weighed. */
  #unweighed = 0;

  constructor(file: string) {
    this.#file = file;
    this.#names = new ColumnNames(file);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get keptRows(): number {
    return this.#keptRows;
  }

  get warnings(): Table['warnings'] {
    return this.#names.warnings;
  }

  header(names: readonly string[]): void {
    if (this.#names.header(names)) this.#builders = names.map(() => new ColumnBuilder());
  }

  addRow(fields: readonly string[]): void {
    const width = this.#builders.length;
    if (fields.length < width) return this.skip('too-few-fields', fields.join(', '));
    if (fields.length > width) return this.skip('too-many-fields', fields.join(', '));
    this.#countRow();
    for (let column = 0; column < width; column += 1) this.#push(column, fields[column]!);
    this.#keepRow();
  }

  addChecked(fields: readonly string[]): void {
    const fault = faultIn(fields);
    if (fault) this.skip(fault.code, fault.value);
    else this.addRow(fields);
  }

  checkRoomFor(columns: readonly (readonly string[])[]): void {
    const moreBytes = columns.reduce((sum, texts, column) => {
      const builder = this.#builders[column]!;
      return sum + builder.heldBytesWith(texts) - builder.heldBytes;
    }, 0);
    this.#checkHeld(moreBytes);
  }

  addNamed(row: ReadonlyMap<string, string>): void {
    const fault = faultIn(row.values());
    if (fault) return this.skip(fault.code, fault.value);
    this.#names.open(row.keys(), () => this.#addColumn());
    this.#countRow();
    let column = 0;
    for (const name of this.#names.given) this.#push(column++, row.get(name) ?? '');
    this.#keepRow();
  }

  skip(code: SkipReason, excerpt: string): void {
    this.#countRow();
    this.skips.note(code, this.#rowCount, excerpt);
  }

  /** Null where there is no column at all. */
  finish(file: { sizeBytes: number; kind: TableKind; format: string }): Table | null {
    const columns = this.#names.all;
    if (columns === null || columns.length === 0) return null;
    return {
      name: this.#file,
      ...file,
      columns,
      values: this.#builders.map((builder) => builder.finish()),
      rowNumbers: this.#rowNumbers.slice(0, this.#keptRows),
      rowCount: this.#rowCount,
      skips: this.skips,
      warnings: this.warnings,
    };
  }

  #addColumn(): void {
    // A late column costs something for each row above it, which few characters can ask for.
    this.#checkHeld(this.#keptRows * EMPTY_BYTES);
    const builder = new ColumnBuilder();
    builder.beginEmpty(this.#keptRows);
    this.#builders.push(builder);
  }

  #push(column: number, value: string): void {
    this.#builders[column]!.push(value);
    this.#unweighed += value.length + 4;
  }

  #countRow(): void {
    if (this.#rowCount === limits.rows) throw this.#tooLarge(`more than ${limits.rows.toLocaleString('en')} rows`);
    this.#rowCount += 1;
  }

  #keepRow(): void {
    if (this.#keptRows === this.#rowNumbers.length) {
      const larger = new Int32Array(this.#keptRows * 2);
      larger.set(this.#rowNumbers);
      this.#rowNumbers = larger;
    }
    this.#rowNumbers[this.#keptRows] = this.#rowCount;
    this.#keptRows += 1;
    if (this.#unweighed < WEIGHED_AFTER) return;
    this.#unweighed = 0;
    this.#checkHeld(0);
  }

  #checkHeld(moreBytes: number): void {
    const heldBytes = this.#builders.reduce((sum, builder) => sum + builder.heldBytes, moreBytes);
    if (heldBytes > limits.heldBytes) throw this.#tooLarge('more than 1 GB of text');
  }

  #tooLarge(what: string): TuneletError {
    return new TuneletError(
      'data/too-large',
      `Reading ${this.#file}, there is ${what}. A tab cannot hold more.`,
      'Take a part of it: a few hundred thousand rows teach a model as much.',
      { file: this.#file, rows: this.#rowCount },
    );
  }
}
