import Papa from 'papaparse';
import type { ParseResult } from 'papaparse';
import type { Dialect } from './recordCutter';

/**
 * Fields of whole records, each ended by one LF, as `RecordCutter` hands them out. Values stay exactly as written: no types, no trimming,
 * no comments. The parser itself is used, since `Papa.parse` would drop a U+FEFF at the start of every piece.
 */
export function parseRecords(records: string, dialect: Dialect): string[][] {
  if (records === '') return [];
  const parser = new Papa.Parser({
    delimiter: dialect.delimiter,
    newline: '\n',
    // A NUL never occurs in decoded text, so it stands for "no quotation mark at all".
    quoteChar: dialect.quoting ? '"' : '\0',
    escapeChar: dialect.quoting ? '"' : '\0',
  });
  const result: ParseResult<string[]> = parser.parse(records, 0, false);
  const fault = result.errors[0];
  // The cutter has checked the quotes already; a parser that disagrees with it must not pass unseen.
  if (fault !== undefined) throw new Error(`Parsing whole records failed: ${fault.message}`);
  // The last LF opens a record that is not there.
  const last = result.data.at(-1);
  if (last !== undefined && last.length === 1 && last[0] === '') result.data.pop();
  return result.data;
}
