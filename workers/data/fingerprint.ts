import { createSHA256 } from 'hash-wasm';
import { TimeSlice } from '../tokenizer/timeSlice';

const encoder = new TextEncoder();
const firstChunkBytes = 64 * 1024;
const largestChunkBytes = 4 * 1024 * 1024;
const runLength = 4096;

/**
 * SHA-256, in hexadecimal, of rows as UTF-8 `text NUL label LF`, sorted bytewise: it does not depend on their order. Takes as much memory as
 * the rows have bytes, and works in slices of time.
 */
export async function fingerprint(rows: Iterable<{ text: string; label: string }>): Promise<string> {
  const slice = new TimeSlice();
  const written = new WrittenRows();
  for (const { text, label } of rows) {
    written.push(`${text}\0${label}\n`);
    if (slice.isOver()) await slice.giveWay();
  }
  const order = await sorted(written.length, (a, b) => written.compare(a, b), slice);
  const hash = await createSHA256();
  for (const index of order) {
    hash.update(written.at(index));
    if (slice.isOver()) await slice.giveWay();
  }
  return hash.digest('hex');
}

/** Rows as bytes, in chunks that never move. */
class WrittenRows {
  readonly #chunks: Uint8Array[] = [];
  #filled = 0;
  /** For each row its chunk, its start there and its length. */
  #places = new Uint32Array(3 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(row: string): void {
    let chunk = this.#chunks.at(-1);
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    if (chunk === undefined || this.#filled + row.length * 3 > chunk.length) {
      const doubled = Math.min(largestChunkBytes, firstChunkBytes * 2 ** this.#chunks.length);
      chunk = new Uint8Array(Math.max(doubled, row.length * 3));
      this.#chunks.push(chunk);
      this.#filled = 0;
    }
    const { written } = encoder.encodeInto(row, chunk.subarray(this.#filled));
    if (this.#length * 3 === this.#places.length) {
      const larger = new Uint32Array(this.#places.length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places.set([this.#chunks.length - 1, this.#filled, written], this.#length * 3);
    this.#filled += written;
    this.#length += 1;
  }

  at(index: number): Uint8Array {
    const start = this.#places[index * 3 + 1]!;
    return this.#chunks[this.#places[index * 3]!]!.subarray(start, start + this.#places[index * 3 + 2]!);
  }

  /** Bytewise; of two that begin alike the shorter comes first. */
  compare(a: number, b: number): number {
    const places = this.#places;
    const [aBytes, bBytes] = [this.#chunks[places[a * 3]!]!, this.#chunks[places[b * 3]!]!];
    const [aStart, bStart] = [places[a * 3 + 1]!, places[b * 3 + 1]!];
    const [aLength, bLength] = [places[a * 3 + 2]!, places[b * 3 + 2]!];
    const length = Math.min(aLength, bLength);
    for (let at = 0; at < length; at += 1) {
      const difference = aBytes[aStart + at]! - bBytes[bStart + at]!;
      if (difference !== 0) return difference;
    }
    return aLength - bLength;
  }
}

/** 0 to `length - 1` in order, by merging runs, as sorting them at once would hold up everything else for seconds. */
async function sorted(length: number, compare: (a: number, b: number) => number, slice: TimeSlice): Promise<Uint32Array> {
  let from = Uint32Array.from({ length }, (_, index) => index);
  let to = new Uint32Array(length);
  for (let start = 0; start < length; start += runLength) {
    from.subarray(start, start + runLength).sort(compare);
    if (slice.isOver()) await slice.giveWay();
  }
  for (let width = runLength; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length);
      const end = Math.min(start + 2 * width, length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at += 1) {
        const takesLeft = right === end || (left < middle && compare(from[left]!, from[right]!) <= 0);
        to[at] = takesLeft ? from[left++]! : from[right++]!;
        if (at % 1024 === 0 && slice.isOver()) await slice.giveWay();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
