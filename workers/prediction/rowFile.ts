import type { SkipReason, SkippedRows } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { ColumnNames } from '../data/columnNames';
import { limits } from '../data/limits';
import { jsonRow } from '../data/parse/jsonRow';
import { faultIn, type RowSink } from '../data/rowSink';
import { SkipLog } from '../data/skipLog';
import { TableBuilder } from '../data/table';
import type { FileAppender } from '../storage/fileRoom';

/** How a row lies in its line: a JSON list of the columns' texts, or the JSON object that it came as. */
export type RowForm = 'fields' | 'objects';

/** So much text is gathered before it is written. */
const gatheredCharacters = 256 * 1024;
/** Rows by which the column of texts is guessed. */
const sampledRows = 500;
const sampledCharacters = 4_000_000;

/** Names of lists are no columns; so many of both are remembered. */
const mostKeys = 10 * limits.columns;

const encoder = new TextEncoder();

/** Writes the rows that a reader finds into a file, a line each; nothing of them stays in memory but a few first ones. */
export class RowFileWriter implements RowSink {
  readonly #file: FileAppender;
  readonly #names: ColumnNames;
  readonly #skips = new SkipLog();
  /** Of objects: every name at the top, those of lists too. */
  readonly #keys = new Set<string>();
  #heading: readonly string[] | null = null;
  readonly #name: string;
  readonly sample: TableBuilder;
  #sampled = 0;
  #gathered: string[] = [];
  #gatheredCharacters = 0;
  #rowCount = 0;
  #keptRows = 0;
  #form: RowForm = 'fields';

  /** `name`: of the table, for errors. */
  constructor(name: string, file: FileAppender) {
    this.#file = file;
    this.#name = name;
    this.#names = new ColumnNames(name);
    this.sample = new TableBuilder(name);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get keptRows(): number {
    return this.#keptRows;
  }

  get warnings(): { code: string; message: string }[] {
    return this.#names.warnings;
  }

  get form(): RowForm {
    return this.#form;
  }

  get columns(): readonly string[] {
    return this.#names.all ?? [];
  }

  /** By which a row of an object is asked for its columns, in their order. */
  get keys(): string[] {
    return this.#form === 'objects' ? [...this.#names.given] : [...this.columns];
  }

  /** The first line of a table as it was given; `columns` has no name twice, and none with space around it. */
  get heading(): readonly string[] {
    return this.#heading ?? [];
  }

  /** Names that an added column cannot have. */
  get taken(): string[] {
    return [...new Set([...this.columns, ...this.heading, ...this.#keys])];
  }

  get skipped(): SkippedRows[] {
    return this.#skips.entries;
  }

  header(names: readonly string[]): void {
    this.#heading ??= [...names];
    if (this.#names.header(names)) this.sample.header(names);
  }

  addRow(fields: readonly string[]): void {
    const width = this.#names.count;
    if (fields.length < width) return this.skip('too-few-fields', fields.join(', '));
    if (fields.length > width) return this.skip('too-many-fields', fields.join(', '));
    this.#keep(JSON.stringify(fields));
    if (this.#isSampled(fields)) this.sample.addRow(fields);
  }

  addChecked(fields: readonly string[]): void {
    const fault = faultIn(fields);
    if (fault) this.skip(fault.code, fault.value);
    else this.addRow(fields);
  }

  addNamed(row: ReadonlyMap<string, string>, json = objectOf(row)): void {
    const fault = faultIn(row.values());
    if (fault) return this.skip(fault.code, fault.value);
    this.#form = 'objects';
    this.#names.open(row.keys());
    for (const key of Object.keys(JSON.parse(json))) this.#keys.add(key);
    if (this.#keys.size > mostKeys) throw tooManyKeys(this.#name);
    // Inside JSON a line break is nothing but space.
    this.#keep(json.trim().replaceAll(/[\r\n]+/g, ' '));
    if (this.#isSampled(row.values())) this.sample.addNamed(row);
  }

  skip(code: SkipReason, excerpt: string): void {
    this.#rowCount += 1;
    this.#skips.note(code, this.#rowCount, excerpt);
  }

  /** Nothing is held. */
  checkRoomFor(): void {}

  /** Writes what is gathered. */
  flush(): void {
    this.#write();
    this.#file.flush();
  }

  #keep(line: string): void {
    this.#rowCount += 1;
    this.#keptRows += 1;
    this.#gathered.push(line, '\n');
    this.#gatheredCharacters += line.length;
    if (this.#gatheredCharacters >= gatheredCharacters) this.#write();
  }

  #write(): void {
    if (this.#gathered.length > 0) this.#file.write(encoder.encode(this.#gathered.join('')));
    this.#gathered = [];
    this.#gatheredCharacters = 0;
  }

  #isSampled(values: Iterable<string>): boolean {
    if (this.sample.rowCount >= sampledRows || this.#sampled >= sampledCharacters) return false;
    for (const value of values) this.#sampled += value.length;
    return true;
  }
}

function tooManyKeys(file: string): TuneletError {
  return new TuneletError(
    'data/too-many-columns',
    `Reading ${file}, its objects have more than ${mostKeys.toLocaleString('en')} names between them.`,
    'Keep the members of texts and what you know a row by, and leave out the others.',
    { file, limit: mostKeys },
  );
}

/** A name such as `__proto__` is one like any other, so no object is made. */
function objectOf(row: ReadonlyMap<string, string>): string {
  return `{${[...row].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** The columns' texts of a line, in the order of `keys`. Throws where the file is not as it was written. */
export function fieldsOf(line: string, form: RowForm, keys: readonly string[]): string[] {
  if (form === 'objects') {
    const row = jsonRow(line);
    if (typeof row === 'string') throw new SyntaxError(`A kept row is ${row}.`);
    return keys.map((key) => row.get(key) ?? '');
  }
  const fields: unknown = JSON.parse(line);
  if (!Array.isArray(fields) || fields.length !== keys.length) throw new SyntaxError('A kept row has other columns.');
  return fields.map(String);
}

/** Some rows and where in the file each of them ends. */
export interface RowWindow {
  lines: string[];
  ends: number[];
}

const firstReadBytes = 256 * 1024;
const mostReadBytes = 4 * 1024 * 1024;
const lineFeed = 10;

/** Reads the rows of a file, some at a time. */
export class RowFile {
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  /** From a row's start on at most `most` rows, and at most some megabytes of them; none at the end. */
  async window(start: number, most: number): Promise<RowWindow> {
    const lines: string[] = [];
    const ends: number[] = [];
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    let readBytes = firstReadBytes;
    for (let from = start; from < this.#blob.size && lines.length < most && from - start < mostReadBytes;) {
      const bytes = new Uint8Array(await this.#blob.slice(from, from + readBytes).arrayBuffer());
      let begin = 0;
      for (let end = bytes.indexOf(lineFeed); end >= 0 && lines.length < most; end = bytes.indexOf(lineFeed, begin)) {
        lines.push(decoder.decode(bytes.subarray(begin, end)));
        begin = end + 1;
        ends.push(from + begin);
      }
      // A row that is longer than what was read.
      if (begin === 0) readBytes *= 2;
      if (begin === 0 && from + bytes.length >= this.#blob.size) throw new SyntaxError('The last kept row has no end.');
      from += begin;
    }
    return { lines, ends };
  }

  /** The row that lies there. */
  async line(start: number, end: number): Promise<string> {
    return (await this.#blob.slice(start, end - 1).text()).trimEnd();
  }
}
