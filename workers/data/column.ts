/** One column of a table: texts by place, held in little memory. */
export interface Column {
  readonly length: number;
  at(row: number): string;
  /** Where the distinct values are few: those, in the order in which they first came, and for each row its value's place. */
  readonly coded: Coded | null;
}

export interface Coded {
  values: readonly string[];
  codes: Uint16Array;
}

/** More distinct values, or longer ones together, are held as bytes. Classes are fewer. */
const mostCodedValues = 2000;
const mostCodedCharacters = 256 * 1024;
const firstChunkBytes = 16 * 1024;
const largestChunkBytes = 4 * 1024 * 1024;
/** A text from this length on has a chunk of its own. */
const longCharacters = 256 * 1024;

const encoder = new TextEncoder();
// Without `ignoreBOM` a U+FEFF at the start of a text would be lost.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Takes texts one after another; begins as codes and turns to bytes when values prove to be many. */
export class ColumnBuilder {
  #coded: CodedBuilder | null = new CodedBuilder();
  #bytes: BytesBuilder | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Text and offsets. */
  get heldBytes(): number {
    return this.#coded?.heldBytes ?? this.#bytes?.heldBytes ?? 0;
  }

  push(text: string): void {
    this.#length += 1;
    if (this.#coded?.push(text)) return;
    this.#bytesBuilder().push(text);
  }

  /** What it would hold, had it taken these too; told without copying a text. */
  heldBytesWith(texts: readonly string[]): number {
    const asCodes = this.#coded?.heldBytesWith(texts) ?? null;
    if (asCodes !== null) return asCodes;
    // UTF-8 has a byte at least for each character.
    return texts.reduce((sum, text) => sum + text.length + 4, this.heldBytes);
  }

  /** For a column that begins below the first row: so many empty texts at its start. */
  beginEmpty(rows: number): void {
    if (this.#length > 0 || this.#coded === null) throw new Error('Only a new column begins with empty texts.');
    this.#coded.beginEmpty(rows);
    this.#length = rows;
  }

  finish(): Column {
    return this.#coded?.finish() ?? this.#bytesBuilder().finish();
  }

  #bytesBuilder(): BytesBuilder {
    if (this.#bytes !== null) return this.#bytes;
    this.#bytes = new BytesBuilder();
    this.#coded?.moveTo(this.#bytes);
    this.#coded = null;
    return this.#bytes;
  }
}

class CodedBuilder {
  readonly #places = new Map<string, number>();
  #values: string[] = [];
  #characters = 0;
  #codes = new Uint16Array(256);
  #length = 0;

  get heldBytes(): number {
    return this.#length * 2 + this.#characters * 2;
  }

  /** Null where it would not take them all. */
  heldBytesWith(texts: readonly string[]): number | null {
    const added = new Set<string>();
    let characters = this.#characters;
    for (const text of texts) {
      if (added.has(text) || this.#places.has(text)) continue;
      characters += text.length;
      added.add(text);
      if (this.#values.length + added.size > mostCodedValues || characters > mostCodedCharacters) return null;
    }
    return (this.#length + texts.length) * 2 + characters * 2;
  }

  /** False where the values have become too many; the text was then not taken. */
  push(text: string): boolean {
    let code = this.#places.get(text);
    if (code === undefined) {
      if (this.#values.length === mostCodedValues || this.#characters + text.length > mostCodedCharacters) return false;
      code = this.#values.length;
      // A parser's value is a view of the whole piece that it read; a copy lets go of that.
      const copy = decoder.decode(encoder.encode(text));
      this.#values.push(copy);
      this.#places.set(copy, code);
      this.#characters += copy.length;
    }
    if (this.#length === this.#codes.length) {
      const larger = new Uint16Array(this.#length * 2);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[this.#length] = code;
    this.#length += 1;
    return true;
  }

  beginEmpty(rows: number): void {
    if (rows === 0) return;
    this.#values.push('');
    this.#places.set('', 0);
    // All zeros: the place of the empty text.
    this.#codes = new Uint16Array(rows);
    this.#length = rows;
  }

  moveTo(bytes: BytesBuilder): void {
    for (let row = 0; row < this.#length; row += 1) bytes.push(this.#values[this.#codes[row]!]!);
  }

  finish(): Column {
    const values = this.#values;
    const codes = this.#codes.slice(0, this.#length);
    return { length: codes.length, at: (row) => values[codes[row]!]!, coded: { values, codes } };
  }
}

interface Chunk {
  firstRow: number;
  bytes: Uint8Array;
}

class BytesBuilder {
  #chunks: Chunk[] = [];
  #open: Uint8Array = new Uint8Array(firstChunkBytes);
  #nextChunkBytes = firstChunkBytes * 2;
  #openFirstRow = 0;
  #filled = 0;
  #closedBytes = 0;
  /** Where a text begins in its chunk. */
  #starts = new Uint32Array(1024);
  #length = 0;
  /** The long text that came last: a repeated one is copied once, yet weighs as often as it stands. */
  #lastLong: { text: string; bytes: Uint8Array } | null = null;

  get heldBytes(): number {
    return this.#closedBytes + this.#filled + this.#length * 4;
  }

  push(text: string): void {
    if (this.#length === this.#starts.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    if (text.length >= longCharacters) return this.#pushLong(text);
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    if (this.#filled + text.length * 3 > this.#open.length) this.#openChunk(text.length * 3);
    this.#starts[this.#length] = this.#filled;
    this.#filled += encoder.encodeInto(text, this.#open.subarray(this.#filled)).written;
    this.#length += 1;
  }

  finish(): Column {
    this.#closeChunk();
    return new BytesColumn(this.#chunks, this.#starts.slice(0, this.#length));
  }

  #pushLong(text: string): void {
    this.#closeChunk();
    this.#open = new Uint8Array(0);
    this.#filled = 0;
    this.#nextChunkBytes = firstChunkBytes;
    if (this.#lastLong?.text !== text) this.#lastLong = { text, bytes: encoder.encode(text) };
    const { bytes } = this.#lastLong;
    this.#chunks.push({ firstRow: this.#length, bytes });
    this.#closedBytes += bytes.length;
    this.#starts[this.#length] = 0;
    this.#length += 1;
    this.#openFirstRow = this.#length;
  }

  #openChunk(leastBytes: number): void {
    this.#closeChunk();
    this.#open = new Uint8Array(Math.max(this.#nextChunkBytes, leastBytes));
    this.#nextChunkBytes = Math.min(largestChunkBytes, this.#nextChunkBytes * 2);
    this.#openFirstRow = this.#length;
    this.#filled = 0;
  }

  #closeChunk(): void {
    if (this.#length === this.#openFirstRow) return;
    // What its texts did not need of a chunk is given back.
    const isLoose = this.#filled < this.#open.length * 0.75;
    const bytes = isLoose ? this.#open.slice(0, this.#filled) : this.#open.subarray(0, this.#filled);
    this.#chunks.push({ firstRow: this.#openFirstRow, bytes });
    this.#closedBytes += this.#filled;
  }
}

class BytesColumn implements Column {
  readonly length: number;
  readonly coded = null;
  readonly #chunks: readonly Chunk[];
  readonly #starts: Uint32Array;
  /** The chunk asked last: rows are mostly read in order. */
  #last = 0;

  constructor(chunks: readonly Chunk[], starts: Uint32Array) {
    this.#chunks = chunks;
    this.#starts = starts;
    this.length = starts.length;
  }

  at(row: number): string {
    if (!(row >= 0 && row < this.length)) throw new RangeError(`Row ${row} of a column of ${this.length} was asked for.`);
    const chunk = this.#chunks[this.#chunkOf(row)]!;
    const next = this.#chunks[this.#last + 1];
    const end = row + 1 < (next?.firstRow ?? this.length) ? this.#starts[row + 1]! : chunk.bytes.length;
    return decoder.decode(chunk.bytes.subarray(this.#starts[row]!, end));
  }

  #chunkOf(row: number): number {
    if (this.#holds(this.#last, row)) return this.#last;
    if (this.#holds(this.#last + 1, row)) return (this.#last += 1);
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#chunks[middle]!.firstRow <= row) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low;
  }

  #holds(place: number, row: number): boolean {
    const chunk = this.#chunks[place];
    return chunk !== undefined && chunk.firstRow <= row && row < (this.#chunks[place + 1]?.firstRow ?? this.length);
  }
}

/** A column's distinct values with a place for each of `rows`; for columns of many values too. */
export function codesOfRows(column: Column, rows: Int32Array): { values: string[]; codes: Int32Array } {
  const values: string[] = [];
  const codes = new Int32Array(rows.length);
  const places = new Map<string, number>();
  const placeOf = (value: string): number => {
    let place = places.get(value);
    if (place === undefined) {
      place = values.length;
      values.push(value);
      places.set(value, place);
    }
    return place;
  };
  const { coded } = column;
  const known = coded && new Int32Array(coded.values.length).fill(-1);
  rows.forEach((row, index) => {
    if (!coded || !known) {
      codes[index] = placeOf(column.at(row));
      return;
    }
    const code = coded.codes[row]!;
    if (known[code] === -1) known[code] = placeOf(coded.values[code]!);
    codes[index] = known[code]!;
  });
  return { values, codes };
}
