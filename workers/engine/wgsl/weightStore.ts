import { TuneletError } from '../../api/errors';
import type { WeightRows } from '../executor';
import { toFloat16Array } from '../../api/float16';
import type { Value, WeightStorage } from '../graph';
import {
  blockSize,
  copyBlocks,
  emptyRows,
  firstWordOf,
  groupBlocksOf,
  numbersOf,
  quantise,
  scaleWordOf,
  wordCount,
  type QuantisedRows,
} from '../quantisedBlocks';
import { formatShape, sameShape } from '../shape';
import { blockFormatOf, bytesHeld, heldAs } from '../weightStorage';
import { requireBindingSize, type Memory } from './memory';
import { rowsOfWeight, rowWindows, type RowWindow } from './rowWindows';

/** Rows of a weight: its bytes `begin` to `end`. */
interface Part {
  buffer: GPUBuffer;
  rows: RowWindow;
  begin: number;
  end: number;
}

interface StoredWeight {
  value: Value;
  tensor: string;
  /** One, or several where a binding does not span the weight. */
  parts: Part[];
  /** A vector is one row. */
  rows: number;
  columns: number;
  /** Where its columns begin in a row of the tensor. */
  columnBegin: number;
  held: WeightStorage;
  /** For each row (for a vector: each element) whether it has come. */
  present: Uint8Array;
  /** Words of which only one half has been written, by index: rows of odd length, or an odd number of blocks, meet inside a word. */
  partialWords: Map<number, number>;
}

/**
 * The frozen weights of a device, one buffer for each tensor or view of one, filled as rows arrive; several buffers of whole
 * rows where a binding spans no more.
 */
export class WeightStore {
  private readonly memory: Memory;
  private readonly maxBindingBytes: number;
  private readonly byKey = new Map<string, StoredWeight>();
  private readonly byTensor = new Map<string, StoredWeight[]>();

  constructor(memory: Memory, maxBindingBytes: number) {
    this.memory = memory;
    this.maxBindingBytes = maxBindingBytes;
  }

  allocate(values: readonly Value[]): void {
    for (const value of values) {
      const key = keyOf(value);
      const known = this.byKey.get(key)?.value;
      if (known && !sameShape(known.shape, value.shape)) {
        throw new Error(
          `${value.label} was allocated as ${formatShape(known.shape)} and is now asked for as ${formatShape(value.shape)}.`,
        );
      }
      if (known) continue;
      const stored = this.store(value);
      this.byKey.set(key, stored);
      this.byTensor.set(stored.tensor, [...(this.byTensor.get(stored.tensor) ?? []), stored]);
    }
  }

  /** The buffer of these rows, or of all. Throws where the weight was not allocated, and `model/too-large` where it lies in several. */
  bufferOf(value: Value, rows?: RowWindow): GPUBuffer {
    const stored = this.byKey.get(keyOf(value));
    if (!stored) throw new Error(`${value.label} is used by a graph, but no room was made for it: name it in allocateWeights.`);
    const { parts } = stored;
    const [first] = parts;
    const part = rows ? parts.find((one) => one.rows.begin === rows.begin && one.rows.end === rows.end) : first;
    if (!part) throw new Error(`${value.label} has no buffer of rows ${rows?.begin} to ${rows?.end}.`);
    if (!rows && parts.length > 1) requireBindingSize(this.maxBindingBytes, value.label, parts.at(-1)!.end);
    return part.buffer;
  }

  /** Ends every weight, so that another model's can take their place. */
  clear(): void {
    for (const { parts } of this.byKey.values()) for (const { buffer } of parts) this.memory.release(buffer);
    this.byKey.clear();
    this.byTensor.clear();
  }

  /** Rows of a tensor that no value uses are ignored. Throws where rows lie outside of the tensor. */
  write(rows: WeightRows): void {
    if (rows.values.length !== rows.rows * rows.rowLength) {
      throw new RangeError(`${rows.tensor}: ${rows.rows} rows of ${rows.rowLength} came with ${rows.values.length} numbers.`);
    }
    for (const weight of this.byTensor.get(rows.tensor) ?? []) {
      if (weight.value.shape.length === 1) this.writeVector(weight, rows);
      else this.writeMatrix(weight, rows);
    }
  }

  /** Throws `model/missing-tensor` when rows of some weight never came. */
  requireComplete(): void {
    const missing = [...this.byKey.values()]
      .map(({ value, present }) => ({ label: value.label, absent: present.reduce((count, flag) => count + (flag ? 0 : 1), 0) }))
      .filter(({ absent }) => absent > 0);
    if (missing.length === 0) return;
    const names = missing.slice(0, 5).map(({ label, absent }) => `${label} (${absent} rows)`);
    throw new TuneletError(
      'model/missing-tensor',
      `The model's files lack ${missing.length} of its weights: ${names.join(', ')}${missing.length > 5 ? ', …' : ''}.`,
      'Check that all files of the model are there and complete.',
      { missing: missing.length, first: missing[0]?.label ?? '' },
    );
  }

  private store(value: Value): StoredWeight {
    if (value.role.kind !== 'weight') throw new Error(`${value.label} is no weight.`);
    const sizes = value.shape.map(Number);
    const [rows, columns] = sizes.length === 1 ? [1, sizes[0]!] : [sizes[0]!, sizes[1]!];
    const held = heldAs(value);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const [, rowBytes] = rowsOfWeight(value);
    requireBindingSize(this.maxBindingBytes, `A row of ${value.label}`, rowBytes);
    const parts = rowWindows(value, this.maxBindingBytes).map((window): Part => {
      const [begin, end] = [bytesHeld(held, window.begin * columns), bytesHeld(held, window.end * columns)];
      return { buffer: this.memory.allocate(value.label, end - begin, usage, 'weights'), rows: window, begin, end };
    });
    const columnBegin = value.role.columns?.[0] ?? 0;
    const present = new Uint8Array(sizes.length === 1 ? columns : rows);
    const { tensor } = value.role;
    return { value, tensor, parts, rows, columns, columnBegin, held, present, partialWords: new Map() };
  }

  /** A vector's chunk counts in elements, whether it came as one row or as rows of one number. */
  private writeVector(weight: StoredWeight, { rowOffset, rowLength, values, tensor }: WeightRows): void {
    const begin = rowOffset * rowLength;
    const from = Math.max(begin, weight.columnBegin);
    const to = Math.min(begin + values.length, weight.columnBegin + weight.columns);
    const isView = weight.value.role.kind === 'weight' && weight.value.role.columns !== null;
    if (!isView && begin + values.length > weight.columns) throw outside(tensor, begin, values.length, weight.columns);
    if (from >= to) return;
    this.writeElements(weight, from - weight.columnBegin, plain(values).subarray(from - begin, to - begin));
    weight.present.fill(1, from - weight.columnBegin, to - weight.columnBegin);
  }

  private writeMatrix(weight: StoredWeight, { rowOffset, rows, rowLength, values, tensor }: WeightRows): void {
    const { columns, columnBegin } = weight;
    if (rowOffset + rows > weight.rows) throw outside(tensor, rowOffset, rows, weight.rows);
    const isView = weight.value.role.kind === 'weight' && weight.value.role.columns !== null;
    if (isView ? columnBegin + columns > rowLength : columns !== rowLength) {
      throw new RangeError(`${tensor} has rows of ${rowLength}; columns ${columnBegin} to ${columnBegin + columns} are wanted.`);
    }
    if (blockFormatOf(weight.value))
      this.writeBlocks(weight, (rowOffset * columns) / blockSize, asBlocks(weight, rows, rowLength, values));
    else this.writeElements(weight, rowOffset * columns, cutColumns(plain(values), rows, rowLength, columnBegin, columns));
    weight.present.fill(1, rowOffset, rowOffset + rows);
  }

  private writeElements(weight: StoredWeight, offset: number, values: Float32Array | Uint16Array): void {
    if (weight.held !== 'float16') this.writeWords(weight, offset, numbersOf(values));
    else this.writeHalves(weight, offset, values instanceof Float32Array ? toFloat16Array(values) : values);
  }

  /** Writes whole groups of blocks; at either end a block may be alone in its group, whose other one comes with other rows. */
  private writeBlocks(weight: StoredWeight, firstBlock: number, rows: QuantisedRows): void {
    const { format } = rows;
    const groupBlocks = groupBlocksOf(format);
    const count = rows.length / blockSize;
    const lead = Math.min(count, (groupBlocks - (firstBlock % groupBlocks)) % groupBlocks);
    const whole = count - lead - ((count - lead) % groupBlocks);
    if (whole > 0) {
      const groups = lead === 0 ? rows : emptyRows(format, whole * blockSize);
      if (lead > 0) copyBlocks(rows, lead, groups, 0, whole);
      this.writeWords(weight, firstWordOf(format, firstBlock + lead), groups.words.subarray(0, wordCount(format, whole)));
    }
    if (lead > 0) this.writeLoneBlock(weight, firstBlock, rows, 0);
    if (lead + whole < count) this.writeLoneBlock(weight, firstBlock + count - 1, rows, count - 1);
  }

  /** A block's numbers, and the word of scales that it shares. */
  private writeLoneBlock(weight: StoredWeight, block: number, rows: QuantisedRows, from: number): void {
    const { format } = rows;
    const single = emptyRows(format, blockSize);
    copyBlocks(rows, from, single, 0, 1);
    this.writeWords(weight, firstWordOf(format, block), single.words.subarray(0, firstWordOf(format, 1)));
    const at = scaleWordOf(format, block);
    const scale = single.words[scaleWordOf(format, 0)]!;
    const known = weight.partialWords.get(at) ?? 0;
    const word = block % 2 === 0 ? (known & 0xffff0000) | scale : (known & 0xffff) | (scale << 16);
    weight.partialWords.set(at, word);
    this.writeWords(weight, at, Uint32Array.of(word));
  }

  /** A buffer is written in words of two halves: a word at either end may share with other rows, written before or after. */
  private writeHalves(weight: StoredWeight, offset: number, halves: Uint16Array): void {
    if (halves.length === 0) return;
    const { partialWords } = weight;
    const lead = offset % 2;
    const words = new Uint32Array(Math.ceil((lead + halves.length) / 2));
    const padded = new Uint16Array(words.buffer);
    const firstWord = (offset - lead) / 2;
    const lastWord = firstWord + words.length - 1;
    if (lead) padded[0] = (partialWords.get(firstWord) ?? 0) & 0xffff;
    const endsInside = (lead + halves.length) % 2 === 1;
    if (endsInside) padded[padded.length - 1] = (partialWords.get(lastWord) ?? 0) >>> 16;
    padded.set(halves, lead);
    if (lead) partialWords.set(firstWord, words[0]!);
    if (endsInside) partialWords.set(lastWord, words[words.length - 1]!);
    this.writeWords(weight, firstWord, words);
  }

  /** Writes words from word `offset` of the weight on, each into the part that it lies in. */
  private writeWords({ parts }: StoredWeight, offset: number, words: Float32Array | Uint32Array): void {
    for (const { buffer, begin, end } of parts) {
      const from = Math.max(offset, begin / 4);
      const to = Math.min(offset + words.length, Math.ceil(end / 4));
      if (from >= to) continue;
      const data = words as Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
      this.memory.device.queue.writeBuffer(buffer, from * 4 - begin, data, from - offset, to - from);
    }
  }
}

/** A chunk's numbers without blocks. */
function plain(values: WeightRows['values']): Float32Array | Uint16Array {
  return ArrayBuffer.isView(values) ? values : numbersOf(values);
}

/** The weight's columns of whole rows in its own format: taken over where they are that already, else quantised. */
function asBlocks(
  { value, columnBegin, columns }: StoredWeight,
  rows: number,
  rowLength: number,
  values: WeightRows['values'],
): QuantisedRows {
  const format = blockFormatOf(value);
  if (!format) throw new Error(`${value.label} is not held in blocks.`);
  if (ArrayBuffer.isView(values) || values.format !== format) {
    return quantise(format, numbersOf(cutColumns(plain(values), rows, rowLength, columnBegin, columns)));
  }
  if (columns === rowLength) return values;
  const cut = emptyRows(format, rows * columns);
  for (let row = 0; row < rows; row++) {
    copyBlocks(values, (row * rowLength + columnBegin) / blockSize, cut, (row * columns) / blockSize, columns / blockSize);
  }
  return cut;
}

function cutColumns<T extends Float32Array | Uint16Array>(
  values: T,
  rows: number,
  rowLength: number,
  begin: number,
  columns: number,
): T {
  if (columns === rowLength) return values;
  const cut = (values instanceof Float32Array ? new Float32Array(rows * columns) : new Uint16Array(rows * columns)) as T;
  for (let row = 0; row < rows; row++) {
    const from = row * rowLength + begin;
    cut.set(values.subarray(from, from + columns), row * columns);
  }
  return cut;
}

function keyOf({ role, label }: Value): string {
  if (role.kind !== 'weight') throw new Error(`${label} is no weight.`);
  return `${role.tensor} ${role.columns} ${role.storage}`;
}

function outside(tensor: string, begin: number, count: number, size: number): RangeError {
  return new RangeError(`${tensor}: rows ${begin} to ${begin + count} came, but it has ${size}.`);
}
