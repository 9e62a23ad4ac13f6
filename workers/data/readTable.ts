import { TuneletError } from '../api/errors';
import { TimeSlice } from '../tokenizer/timeSlice';
import { decodeFile } from './decode';
import type { NamedBlob, ReadOptions } from './decode';
import { withExcerpt } from './excerpt';
import { refuseOtherFormats } from './format';
import { readCorpus } from './readCorpus';
import { parseRecords } from './parse/csv';
import { RecordCutter } from './parse/recordCutter';
import type { Dialect } from './parse/recordCutter';
import { sniffDelimiter } from './parse/sniff';
import type { Delimiter } from './parse/sniff';
import { TableBuilder } from './table';
import type { Table } from './table';

const delimiterNames: Record<Delimiter, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };

/** Enough text to see the delimiter by. */
const SAMPLE_CHARACTERS = 64 * 1024;

/**
 * Reads a delimited text file with a header row, or a corpus. Throws data/empty-file, data/no-rows, data/no-columns, data/unsupported-format and what
 * `decodeFile` and `RecordCutter` throw, these with the lines around the place.
 */
export async function readTable(file: NamedBlob, options: ReadOptions = {}): Promise<Table> {
  await refuseOtherFormats(file);
  const corpus = await readCorpus(file, options);
  if (corpus !== null) return corpus;
  try {
    return await readWithOrWithoutQuoting(file, options);
  } catch (thrown) {
    throw await withExcerpt(thrown, file);
  }
}

async function readWithOrWithoutQuoting(file: NamedBlob, options: ReadOptions): Promise<Table> {
  try {
    return await readWith(file, options, true);
  } catch (thrown) {
    if (!isStrayQuoteAmongTabs(thrown)) throw thrown;
    return await readWith(file, options, false);
  }
}

async function readWith(file: NamedBlob, options: ReadOptions, quotingOfTabs: boolean): Promise<Table> {
  const reader = new BlockReader(file.name, quotingOfTabs);
  const slice = new TimeSlice();
  for await (const { text, loadedBytes } of decodeFile(file, options.signal)) {
    reader.push(text);
    options.onProgress?.({ file: file.name, loadedBytes, totalBytes: file.size, rows: reader.rowCount });
    if (slice.isOver()) await slice.giveWay();
  }
  const table = reader.finish(file);
  if (table === null) throw emptyFileError(file.name);
  if (table.columns.length < 2) throw oneColumnError(table);
  if (table.rowNumbers.length === 0) throw noRowsError(table);
  return table;
}

/** Finds the dialect from the first text, then turns each piece into rows. */
class BlockReader {
  #sample = '';
  #dialect: Dialect | null = null;
  #delimiter: Delimiter = ',';
  #cutter: RecordCutter | null = null;
  readonly #builder = new TableBuilder();
  readonly #fileName: string;
  readonly #quotingOfTabs: boolean;

  constructor(fileName: string, quotingOfTabs: boolean) {
    this.#fileName = fileName;
    this.#quotingOfTabs = quotingOfTabs;
  }

  get rowCount(): number {
    return this.#builder.rowCount;
  }

  push(text: string): void {
    if (this.#cutter !== null) return this.#read(this.#cutter, text);
    this.#sample += text;
    if (this.#sample.length >= SAMPLE_CHARACTERS) this.#begin();
  }

  finish(file: NamedBlob): Table | null {
    const cutter = this.#cutter ?? this.#begin();
    try {
      this.#builder.add(parseRecords(cutter.finish(), this.#dialectInUse()));
    } catch (thrown) {
      throw this.#withDelimiter(thrown);
    }
    return this.#builder.finish(file, delimiterNames[this.#delimiter]);
  }

  #begin(): RecordCutter {
    this.#delimiter = sniffDelimiter(this.#sample);
    this.#dialect = { delimiter: this.#delimiter, quoting: this.#delimiter !== '\t' || this.#quotingOfTabs };
    const cutter = new RecordCutter(this.#dialect, this.#fileName);
    this.#cutter = cutter;
    const sample = this.#sample;
    this.#sample = '';
    this.#read(cutter, sample);
    return cutter;
  }

  #read(cutter: RecordCutter, text: string): void {
    try {
      this.#builder.add(parseRecords(cutter.push(text), this.#dialectInUse()));
    } catch (thrown) {
      throw this.#withDelimiter(thrown);
    }
  }

  #dialectInUse(): Dialect {
    if (this.#dialect === null) throw new Error('The dialect is used before it is known.');
    return this.#dialect;
  }

  /** The caller has to know the delimiter to judge whether quoting was meant at all. */
  #withDelimiter(thrown: unknown): unknown {
    if (!(thrown instanceof TuneletError)) return thrown;
    const details = { ...thrown.details, delimiter: delimiterNames[this.#delimiter], quoting: this.#dialectInUse().quoting };
    return new TuneletError(thrown.code, thrown.message, thrown.remedy, details);
  }
}

/** Tab-separated files are often written without quoting; there a stray quotation mark is a character like any other. */
function isStrayQuoteAmongTabs(thrown: unknown): boolean {
  if (!(thrown instanceof TuneletError) || thrown.details['delimiter'] !== 'tab' || thrown.details['quoting'] !== true)
    return false;
  return (
    thrown.code === 'data/unbalanced-quotes' ||
    (thrown.code === 'data/record-too-long' && thrown.details['insideQuotes'] === true)
  );
}

function emptyFileError(file: string): TuneletError {
  return new TuneletError(
    'data/empty-file',
    `Reading ${file}, it turned out to be empty.`,
    'Choose a file with a header row and one row for each text.',
    { file },
  );
}

function noRowsError({ name, columns, rowCount, tooFewFields, tooManyFields }: Table): TuneletError {
  const message =
    rowCount === 0
      ? `Reading ${name}, there is a header (${columns.join(', ')}) but no row below it.`
      : `Reading ${name}, none of its ${rowCount} rows has as many fields as the header (${columns.length}).`;
  return new TuneletError('data/no-rows', message, 'Choose a file with a header row and one row for each text.', {
    file: name,
    columns: JSON.stringify(columns),
    rowCount,
    tooFewFields,
    tooManyFields,
  });
}

function oneColumnError({ name, columns }: Table): TuneletError {
  return new TuneletError(
    'data/no-columns',
    `Reading ${name}, only one column was found, “${excerpt(columns[0] ?? '')}”. A dataset needs a column of texts and one of labels.`,
    'Separate the columns by commas, semicolons, tabs or bars, and give them a header row.',
    { file: name, columns: JSON.stringify(columns.map(excerpt)) },
  );
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
