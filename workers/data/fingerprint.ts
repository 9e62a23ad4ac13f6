import { createSHA256 } from 'hash-wasm';
import { TimeSlice } from '../tokenizer/timeSlice';

const encoder = new TextEncoder();
const firstBytes = 64 * 1024;

/**
 * SHA-256, in hexadecimal, of rows as UTF-8 `text NUL label LF`, sorted bytewise: it does not depend on their order. Takes as much memory as
 * the rows have bytes, and works in slices of time.
 */
export async function fingerprint(rows: Iterable<{ text: string; label: string }>): Promise<string> {
  const slice = new TimeSlice();
  let bytes = new Uint8Array(firstBytes);
  let filled = 0;
  const starts: number[] = [];
  for (const { text, label } of rows) {
    const row = `${text}\0${label}\n`;
    if (filled + row.length * 3 > bytes.length) bytes = grown(bytes, filled + row.length * 3);
    starts.push(filled);
    filled += encoder.encodeInto(row, bytes.subarray(filled)).written;
    if (slice.isOver()) await slice.giveWay();
  }
  const ends = new Float64Array(starts.length);
  starts.forEach((start, index) => (ends[index] = starts[index + 1] ?? filled));
  const order = Uint32Array.from(starts.keys()).sort((a, b) => compare(bytes, starts[a]!, ends[a]!, starts[b]!, ends[b]!));
  const hash = await createSHA256();
  for (const index of order) {
    hash.update(bytes.subarray(starts[index], ends[index]));
    if (slice.isOver()) await slice.giveWay();
  }
  return hash.digest('hex');
}

function compare(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): number {
  const length = Math.min(end - start, otherEnd - otherStart);
  for (let at = 0; at < length; at += 1) {
    const difference = bytes[start + at]! - bytes[otherStart + at]!;
    if (difference !== 0) return difference;
  }
  return end - start - (otherEnd - otherStart);
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
