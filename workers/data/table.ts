import { TuneletError } from '../api/errors';
import type { SkipReason } from '../api/dataset';
import { ColumnBuilder, type Column } from './column';
import { limits } from './limits';
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
export class TableBuilder {
  readonly skips = new SkipLog();
  readonly warnings: Table['warnings'] = [];
  readonly #file: string;
  #columns: string[] | null = null;
  #builders: ColumnBuilder[] = [];
  #rowNumbers = new Int32Array(1024);
  #keptRows = 0;
  #rowCount = 0;
  /** Of columns that came by name, as they were named there. */
  readonly #places = new Map<string, number>();
  readonly #names: string[] = [];
  /** Characters taken since the columns were last weighed. */
  #unweighed = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Data rows so far, those left out included. */
  get rowCount(): number {
    return this.#rowCount;
  }

  get keptRows(): number {
    return this.#keptRows;
  }

  get columns(): readonly string[] | null {
    return this.#columns;
  }

  /** Names of the columns, made distinct. A further file of the same table must have the same. Throws data/missing-column. */
  header(names: readonly string[]): void {
    this.#checkWidth(names.length);
    const columns = this.#distinct(names);
    if (this.#columns === null) {
      this.#columns = columns;
      this.#builders = columns.map(() => new ColumnBuilder());
    } else if (columns.join('\n') !== this.#columns.join('\n')) throw this.#otherHeader(columns);
  }

  /** Fields in the order of the header; a row of another width is left out and counted. */
  addRow(fields: readonly string[]): void {
    const width = this.#builders.length;
    if (fields.length < width) return this.skip('too-few-fields', fields.join(', '));
    if (fields.length > width) return this.skip('too-many-fields', fields.join(', '));
    this.#countRow();
    for (let column = 0; column < width; column += 1) this.#push(column, fields[column]!);
    this.#keepRow();
  }

  /** As `addRow`, for values that come from no text: NULs and halves of characters can be among them. */
  addChecked(fields: readonly string[]): void {
    const fault = faultIn(fields);
    if (fault) this.skip(fault.code, fault.value);
    else this.addRow(fields);
  }

  /** Throws data/too-large where rows of these fields, column by column, would be more than is held: before any of it is copied. */
  checkRoomFor(columns: readonly (readonly string[])[]): void {
    const moreBytes = columns.reduce((sum, texts, column) => {
      const builder = this.#builders[column]!;
      return sum + builder.heldBytesWith(texts) - builder.heldBytes;
    }, 0);
    this.#checkHeld(moreBytes);
  }

  /** Values by column; a name not met before opens a column, and a column that is missing is empty. */
  addNamed(row: ReadonlyMap<string, string>): void {
    const fault = faultIn(row.values());
    if (fault) return this.skip(fault.code, fault.value);
    this.#columns ??= [];
    for (const name of row.keys()) if (!this.#places.has(name)) this.#addColumn(name);
    this.#countRow();
    for (let column = 0; column < this.#builders.length; column += 1) {
      this.#push(column, row.get(this.#names[column]!) ?? '');
    }
    this.#keepRow();
  }

  /** Counts a row that cannot be kept. */
  skip(code: SkipReason, excerpt: string): void {
    this.#countRow();
    this.skips.note(code, this.#rowCount, excerpt);
  }

  /** Null where there is no column at all. */
  finish(file: { sizeBytes: number; kind: TableKind; format: string }): Table | null {
    if (this.#columns === null || this.#columns.length === 0) return null;
    return {
      name: this.#file,
      ...file,
      columns: this.#columns,
      values: this.#builders.map((builder) => builder.finish()),
      rowNumbers: this.#rowNumbers.slice(0, this.#keptRows),
      rowCount: this.#rowCount,
      skips: this.skips,
      warnings: this.warnings,
    };
  }

  #addColumn(name: string): void {
    const columns = (this.#columns ??= []);
    this.#checkWidth(columns.length + 1);
    this.#places.set(name, columns.length);
    this.#names.push(name);
    columns.push(distinctName(name, columns.length, new Set(columns)));
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

  #distinct(header: readonly string[]): string[] {
    const taken = new Set<string>();
    return header.map((field, index) => {
      const name = distinctName(field, index, taken);
      if (name !== field.trim() && field.trim() !== '' && this.#columns === null) this.#warnOfName(field.trim(), name);
      taken.add(name);
      return name;
    });
  }

  #warnOfName(name: string, used: string): void {
    this.warnings.push({
      code: 'duplicate-column',
      message: `Two columns are called “${short(name)}”; one is “${short(used)}” here.`,
    });
  }

  #checkWidth(width: number): void {
    if (width <= limits.columns) return;
    throw new TuneletError(
      'data/too-many-columns',
      `Reading ${this.#file}, it has ${width.toLocaleString('en')} columns or more. At most ${limits.columns.toLocaleString('en')} are read.`,
      'Keep the columns of texts, labels and what you group by, and leave out the others.',
      { file: this.#file, columns: width, limit: limits.columns },
    );
  }

  #otherHeader(columns: readonly string[]): TuneletError {
    return new TuneletError(
      'data/missing-column',
      `Reading ${this.#file}, its parts have different columns: ${(this.#columns ?? []).slice(0, 6).map(short).join(', ')} and ${columns.slice(0, 6).map(short).join(', ')}.`,
      'Give all parts of a table the same header.',
      { file: this.#file },
    );
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

/** What no text has. */
function faultIn(values: Iterable<string>): { code: SkipReason; value: string } | null {
  for (const value of values) {
    if (value.includes('\0')) return { code: 'nul-character', value };
    if (!value.isWellFormed()) return { code: 'half-a-character', value };
  }
  return null;
}

/** Without white space around it; a name that is taken becomes "text (2)", an empty one "column 3". */
function distinctName(field: string, index: number, taken: ReadonlySet<string>): string {
  const name = field.trim() || `column ${index + 1}`;
  let distinct = name;
  for (let copy = 2; taken.has(distinct); copy += 1) distinct = `${name} (${copy})`;
  return distinct;
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
