import type { LabelledTable } from '../api/labelling';

/** What is known of a labelled row, beside its text. */
export interface Mark {
  /** Index of its label; null where its text is empty. */
  label: number | null;
  /** Of its label; 0 without one. */
  probability: number;
  /** Its text was longer than the model reads. */
  isCut: boolean;
  /** Where it ends in the file of rows and in that of labelled rows; it begins where the one before ends. */
  rowEnd: number;
  outEnd: number;
}

export interface PlacedMark extends Mark {
  /** From 0. */
  index: number;
  rowStart: number;
  outStart: number;
}

/** A mark's bytes: two ends as float64, the probability as float32, label and cut as 16-bit numbers. */
export const markBytes = 24;
const noLabel = 0xffff;
const readMarks = 64 * 1024;

/** So many classes have a number in a mark. */
export const mostLabels = noLabel;

export function packMarks(marks: readonly Mark[]): Uint8Array {
  const bytes = new Uint8Array(marks.length * markBytes);
  const view = new DataView(bytes.buffer);
  marks.forEach(({ label, probability, isCut, rowEnd, outEnd }, index) => {
    const at = index * markBytes;
    view.setFloat64(at, rowEnd, true);
    view.setFloat64(at + 8, outEnd, true);
    view.setFloat32(at + 16, probability, true);
    view.setUint16(at + 20, label ?? noLabel, true);
    view.setUint16(at + 22, isCut ? 1 : 0, true);
  });
  return bytes;
}

/** All marks of a file, in their order; a last one that is not whole is none. `outStart`: where the first labelled row begins. */
export async function* marksOf(blob: Blob, outStart: number): AsyncGenerator<PlacedMark> {
  const count = Math.floor(blob.size / markBytes);
  let last = { rowEnd: 0, outEnd: outStart };
  for (let first = 0; first < count; first += readMarks) {
    const many = Math.min(readMarks, count - first);
    const view = new DataView(await blob.slice(first * markBytes, (first + many) * markBytes).arrayBuffer());
    for (let index = 0; index < many; index += 1) {
      const at = index * markBytes;
      const label = view.getUint16(at + 20, true);
      const mark = {
        label: label === noLabel ? null : label,
        probability: view.getFloat32(at + 16, true),
        isCut: view.getUint16(at + 22, true) === 1,
        rowEnd: view.getFloat64(at, true),
        outEnd: view.getFloat64(at + 8, true),
      };
      yield { ...mark, index: first + index, rowStart: last.rowEnd, outStart: last.outEnd };
      last = mark;
    }
  }
}

/** The whole per cent that a probability reaches. */
export function percentOf(probability: number): number {
  return Math.min(100, Math.floor(Math.fround(probability) * 100));
}

/** Counts of labelled rows. */
export type Tally = Pick<LabelledTable, 'done' | 'counts' | 'withoutText' | 'cut' | 'sureness'>;

export function emptyTally(labels: number): Tally {
  return { done: 0, counts: new Array<number>(labels).fill(0), withoutText: 0, cut: 0, sureness: new Array<number>(101).fill(0) };
}

export function count(tally: Tally, { label, probability, isCut }: Mark): void {
  tally.done += 1;
  if (isCut) tally.cut += 1;
  if (label === null) {
    tally.withoutText += 1;
    return;
  }
  tally.counts[label] = (tally.counts[label] ?? 0) + 1;
  const percent = percentOf(probability);
  tally.sureness[percent] = (tally.sureness[percent] ?? 0) + 1;
}

/** Whether a row is to be looked at: its label is less sure than so many per cent. */
export function isUnsure({ label, probability }: Mark, below: number): boolean {
  return label !== null && percentOf(probability) < below;
}

/** The `most` least sure of those below, least sure first, and how many there are in all. */
export async function leastSure(
  marks: AsyncIterable<PlacedMark>,
  below: number,
  most: number,
): Promise<{ found: PlacedMark[]; total: number }> {
  const bySureness = (first: PlacedMark, second: PlacedMark): number =>
    first.probability - second.probability || first.index - second.index;
  let found: PlacedMark[] = [];
  let total = 0;
  for await (const mark of marks) {
    if (!isUnsure(mark, below)) continue;
    total += 1;
    found.push(mark);
    // Sorted now and then, so that no more is held than is wanted.
    if (found.length >= 4 * most) found = found.sort(bySureness).slice(0, most);
  }
  return { found: found.sort(bySureness).slice(0, most), total };
}
