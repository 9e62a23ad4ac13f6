import { TuneletError } from '../api/errors';
import { TimeSlice } from '../tokenizer/timeSlice';
import { decodeText, type ReadOptions } from './decode';
import { limits } from './limits';
import type { ByteSource } from './source/byteSource';

/** Lines without their ends (LF, CR LF or CR). */
export interface LineBatch {
  /** Of the first, counted from 1. */
  firstLine: number;
  lines: string[];
  loadedBytes: number;
}

/** A text's lines, many at a time, in slices of time. Throws data/record-too-long and what `decodeText` throws. */
export async function* linesOf(source: ByteSource, { signal }: ReadOptions): AsyncGenerator<LineBatch> {
  const slice = new TimeSlice();
  let open = '';
  let firstLine = 1;
  let loaded = 0;
  for await (const { text, loadedBytes } of decodeText(source, signal)) {
    // A CR at the very end may be the first half of CR LF.
    const whole = open + text;
    const heldBack = whole.endsWith('\r') ? 1 : 0;
    const lines = (heldBack ? whole.slice(0, -1) : whole).split(/\r\n|\n|\r/);
    open = (lines.pop() ?? '') + (heldBack ? '\r' : '');
    if (open.length > limits.recordBytes) throw lineTooLong(source.name, firstLine + lines.length);
    loaded = loadedBytes;
    yield { firstLine, lines, loadedBytes };
    firstLine += lines.length;
    if (slice.isOver()) await slice.giveWay();
  }
  const last = open.replace(/\r$/, '');
  if (last !== '') yield { firstLine, lines: [last], loadedBytes: loaded };
}

function lineTooLong(file: string, line: number): TuneletError {
  return new TuneletError(
    'data/record-too-long',
    `Reading ${file}, line ${line} is longer than ${limits.recordBytes.toLocaleString('en')} characters.`,
    `Shorten or remove the record on line ${line}.`,
    { file, line, insideQuotes: false },
  );
}
