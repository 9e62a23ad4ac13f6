import type { FileAppender, FileRoom } from '../storage/fileRoom';
import { count, emptyTally, isUnsure, markBytes, marksOf, packMarks, type Mark, type PlacedMark, type Tally } from './marks';

const outFile = 'labelled';
const marksFile = 'marks';
const reviewFile = 'review';
const copiedBytes = 1024 * 1024;
const encoder = new TextEncoder();

/** A row with its label, as text for the file, and what is known of it. */
export interface LabelledRow extends Omit<Mark, 'outEnd'> {
  written: string;
}

/**
 * The labelled rows so far, in two files: the table that comes out, and marks that say of each row where it lies and how sure its label
 * is. Both grow together; what a crash left of the one without the other is dropped.
 */
export class LabelledFile {
  readonly #room: FileRoom;
  readonly #headerBytes: number;
  readonly #labels: number;

  /** `labels`: how many classes there are. */
  constructor(room: FileRoom, header: string, labels: number) {
    this.#room = room;
    this.#headerBytes = encoder.encode(header).length;
    this.#labels = labels;
  }

  /** Forgets earlier labels and writes the header. */
  static async begin(room: FileRoom, header: string, labels: number): Promise<LabelledFile> {
    for (const name of [outFile, marksFile, reviewFile]) await room.remove(name);
    const file = await room.append(outFile);
    try {
      file.write(encoder.encode(header));
      file.flush();
    } finally {
      file.close();
    }
    return new LabelledFile(room, header, labels);
  }

  /** Opens both files at the last row that both have whole. */
  async open(): Promise<LabelledWriter> {
    const out = await this.#room.append(outFile);
    try {
      const marks = await this.#room.append(marksFile);
      return new LabelledWriter(out, marks, this.#headerBytes);
    } catch (thrown) {
      out.close();
      throw thrown;
    }
  }

  async tally(): Promise<Tally> {
    const tally = emptyTally(this.#labels);
    for await (const mark of this.marks()) count(tally, mark);
    return tally;
  }

  /** Of the rows that both files have. */
  async *marks(): AsyncGenerator<PlacedMark> {
    const marks = await this.#room.read(marksFile);
    if (marks === null) return;
    const { size } = await this.out();
    for await (const mark of marksOf(marks, this.#headerBytes)) {
      if (mark.outEnd > size) return;
      yield mark;
    }
  }

  async out(): Promise<Blob> {
    return (await this.#room.read(outFile)) ?? new Blob();
  }

  /** The header and the rows whose labels are less sure than so many per cent, in the table's order. */
  async unsure(below: number): Promise<Blob> {
    const out = await this.out();
    await this.#room.remove(reviewFile);
    const file = await this.#room.append(reviewFile);
    try {
      // Neighbours are copied in one go.
      let open = { start: 0, end: this.#headerBytes };
      for await (const mark of this.marks()) {
        if (!isUnsure(mark, below)) continue;
        if (mark.outStart !== open.end || open.end - open.start > copiedBytes) {
          await copyRange(out, open, file);
          open = { start: mark.outStart, end: mark.outEnd };
        } else open.end = mark.outEnd;
      }
      await copyRange(out, open, file);
      file.flush();
    } finally {
      file.close();
    }
    return (await this.#room.read(reviewFile)) ?? new Blob();
  }
}

async function copyRange(from: Blob, { start, end }: { start: number; end: number }, to: FileAppender): Promise<void> {
  for (let at = start; at < end; at += copiedBytes) {
    to.write(new Uint8Array(await from.slice(at, Math.min(end, at + copiedBytes)).arrayBuffer()));
  }
}

/** Appends rows to both files. Ended by `close`. */
export class LabelledWriter {
  readonly #out: FileAppender;
  readonly #marks: FileAppender;
  #done: number;
  #rowEnd: number;

  constructor(out: FileAppender, marks: FileAppender, headerBytes: number) {
    this.#out = out;
    this.#marks = marks;
    this.#done = Math.floor(marks.sizeBytes / markBytes);
    let last = this.#endOf(this.#done);
    // The marks may have reached the disk without their rows.
    while (this.#done > 0 && last.outEnd > out.sizeBytes) {
      this.#done -= 1;
      last = this.#endOf(this.#done);
    }
    this.#rowEnd = last.rowEnd;
    marks.cutTo(this.#done * markBytes);
    out.cutTo(this.#done === 0 ? headerBytes : last.outEnd);
  }

  /** Rows that are labelled. */
  get done(): number {
    return this.#done;
  }

  /** Where the next row begins in the file of rows. */
  get rowEnd(): number {
    return this.#rowEnd;
  }

  /** On the disk when it returns. Throws storage/quota. */
  write(rows: readonly LabelledRow[]): void {
    const texts = rows.map(({ written }) => encoder.encode(written));
    let outEnd = this.#out.sizeBytes;
    const marks = rows.map((row, index): Mark => ({ ...row, outEnd: (outEnd += texts[index]?.length ?? 0) }));
    this.#out.write(joined(texts));
    this.#out.flush();
    this.#marks.write(packMarks(marks));
    this.#marks.flush();
    this.#done += rows.length;
    this.#rowEnd = rows.at(-1)?.rowEnd ?? this.#rowEnd;
  }

  close(): void {
    this.#out.close();
    this.#marks.close();
  }

  #endOf(done: number): { rowEnd: number; outEnd: number } {
    if (done === 0) return { rowEnd: 0, outEnd: 0 };
    const bytes = new Uint8Array(markBytes);
    this.#marks.readAt((done - 1) * markBytes, bytes);
    const view = new DataView(bytes.buffer);
    return { rowEnd: view.getFloat64(0, true), outEnd: view.getFloat64(8, true) };
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
