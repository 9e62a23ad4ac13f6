import { TuneletError } from '../../api/errors';
import { TimeSlice } from '../../tokenizer/timeSlice';
import { decodeText, type ReadOptions } from '../decode';
import type { ByteSource } from '../source/byteSource';
import type { RowSink } from '../rowSink';
import { parseRecords } from './csv';
import { RecordCutter, type Dialect } from './recordCutter';
import { delimiterName, sniffDelimiter } from './sniff';

/** Enough text to see the delimiter by. */
const SAMPLE_CHARACTERS = 64 * 1024;
/** Each may be looked for through a whole record's length. */
const mostBrokenRows = 100;

/** Reads delimited text with a header row into `builder`; gives the delimiter's name, or null for a file without any record. */
export async function readDelimited(
  source: ByteSource,
  builder: RowSink,
  options: ReadOptions,
  quotingOfTabs: boolean,
): Promise<string | null> {
  const reader = new BlockReader(source.name, builder, quotingOfTabs, options.leaveOutBrokenRows === true);
  const slice = new TimeSlice();
  for await (const { text, loadedBytes } of decodeText(source, options.signal)) {
    reader.push(text);
    options.onProgress?.({ file: source.name, loadedBytes, totalBytes: source.sizeBytes, rows: builder.rowCount });
    if (slice.isOver()) await slice.giveWay();
  }
  return reader.finish();
}

/** Tab-separated files are often written without quoting; there a stray quotation mark is a character like any other. */
export function isStrayQuoteAmongTabs(thrown: unknown): boolean {
  if (!(thrown instanceof TuneletError) || thrown.details['delimiter'] !== 'tab' || thrown.details['quoting'] !== true)
    return false;
  return (
    thrown.code === 'data/unbalanced-quotes' ||
    (thrown.code === 'data/record-too-long' && thrown.details['insideQuotes'] === true)
  );
}

/** Finds the dialect from the first text, then turns each piece into rows. */
class BlockReader {
  #sample = '';
  #reading: { dialect: Dialect; cutter: RecordCutter } | null = null;
  #hasHeader = false;
  #brokenRows = 0;
  readonly #builder: RowSink;
  readonly #fileName: string;
  readonly #quotingOfTabs: boolean;
  readonly #leavesOut: boolean;

  constructor(fileName: string, builder: RowSink, quotingOfTabs: boolean, leavesOut: boolean) {
    this.#fileName = fileName;
    this.#builder = builder;
    this.#quotingOfTabs = quotingOfTabs;
    this.#leavesOut = leavesOut;
  }

  push(text: string): void {
    if (this.#reading !== null) return this.#read(text);
    this.#sample += text;
    if (this.#sample.length >= SAMPLE_CHARACTERS) this.#begin();
  }

  finish(): string | null {
    const { cutter, dialect } = this.#reading ?? this.#begin();
    for (;;) {
      try {
        this.#add(cutter.finish());
        return this.#hasHeader ? delimiterName(dialect.delimiter) : null;
      } catch (thrown) {
        this.#read(this.#mended(thrown));
      }
    }
  }

  #begin(): { dialect: Dialect; cutter: RecordCutter } {
    const sample = this.#sample;
    const { delimiter } = sniffDelimiter(sample);
    const dialect = { delimiter, quoting: delimiter !== '\t' || this.#quotingOfTabs };
    const reading = { dialect, cutter: new RecordCutter(dialect, this.#fileName) };
    this.#reading = reading;
    this.#sample = '';
    this.#read(sample);
    return reading;
  }

  #read(text: string): void {
    let rest = text;
    while (rest !== '') {
      try {
        this.#add(this.#current.cutter.push(rest));
        return;
      } catch (thrown) {
        rest = this.#mended(thrown);
      }
    }
  }

  /** Leaves the broken row out and gives the text behind it; throws where that is not asked for or does not help. */
  #mended(thrown: unknown): string {
    if (!(thrown instanceof TuneletError) || thrown.code === 'data/too-many-columns') throw thrown;
    const { cutter, dialect } = this.#current;
    this.#add(cutter.recordsBefore);
    this.#brokenRows += 1;
    const canBeLeftOut = thrown.details['offer'] !== undefined && this.#hasHeader && this.#brokenRows <= mostBrokenRows;
    if (!this.#leavesOut || !canBeLeftOut) {
      // The caller has to know the delimiter to judge whether quoting was meant at all.
      const { offer, ...others } = thrown.details;
      const details = {
        ...others,
        row: this.#builder.rowCount + 1,
        delimiter: delimiterName(dialect.delimiter),
        quoting: dialect.quoting,
        ...(canBeLeftOut && offer !== undefined ? { offer } : {}),
      };
      throw new TuneletError(thrown.code, thrown.message, thrown.remedy, details);
    }
    const { broken, rest } = cutter.leaveOut();
    this.#builder.skip('broken-quotes', broken);
    return rest;
  }

  #add(records: string): void {
    // Blank lines are no rows, and nothing but those would take the parser minutes.
    if (!/[^\n]/.test(records)) return;
    for (const record of parseRecords(records, this.#current.dialect)) {
      if (record.length === 1 && record[0] === '') continue;
      if (this.#hasHeader) this.#builder.addRow(record);
      else {
        this.#builder.header(record);
        this.#hasHeader = true;
      }
    }
  }

  get #current(): { dialect: Dialect; cutter: RecordCutter } {
    if (this.#reading === null) throw new Error('The dialect is used before it is known.');
    return this.#reading;
  }
}
