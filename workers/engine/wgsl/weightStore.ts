import { TuneletError } from '../../api/errors';
import type { WeightRows } from '../executor';
import { fromFloat16Array, toFloat16Array } from '../../api/float16';
import type { Value } from '../graph';
import { formatShape, sameShape } from '../shape';
import { isHalf } from './buildKernel';
import { requireBindingSize, type Memory } from './memory';
import { rowsOfWeight, rowWindows, type RowWindow } from './rowWindows';

/** Bytes `begin` to `end` of a weight. */
interface Part {
  buffer: GPUBuffer;
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
  half: boolean;
  /** For each row (for a vector: each element) whether it has come. */
  present: Uint8Array;
  /** Words of which only one half has been written, by index: rows of odd length meet inside a word. */
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
    const [, rowBytes] = rowsOfWeight(value);
    const part = rows ? parts.find(({ begin, end }) => begin === rows.begin * rowBytes && end === rows.end * rowBytes) : first;
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
    const half = isHalf(value);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const [, rowBytes] = rowsOfWeight(value);
    requireBindingSize(this.maxBindingBytes, `A row of ${value.label}`, rowBytes);
    const parts = rowWindows(value, this.maxBindingBytes).map((window): Part => {
      const [begin, end] = [window.begin * rowBytes, window.end * rowBytes];
      return { buffer: this.memory.allocate(value.label, end - begin, usage), begin, end };
    });
    const columnBegin = value.role.columns?.[0] ?? 0;
    const present = new Uint8Array(sizes.length === 1 ? columns : rows);
    const { tensor } = value.role;
    return { value, tensor, parts, rows, columns, columnBegin, half, present, partialWords: new Map() };
  }

  /** A vector's chunk counts in elements, whether it came as one row or as rows of one number. */
  private writeVector(weight: StoredWeight, { rowOffset, rowLength, values, tensor }: WeightRows): void {
    const begin = rowOffset * rowLength;
    const from = Math.max(begin, weight.columnBegin);
    const to = Math.min(begin + values.length, weight.columnBegin + weight.columns);
    const isView = weight.value.role.kind === 'weight' && weight.value.role.columns !== null;
    if (!isView && begin + values.length > weight.columns) throw outside(tensor, begin, values.length, weight.columns);
    if (from >= to) return;
    this.writeElements(weight, from - weight.columnBegin, values.subarray(from - begin, to - begin));
    weight.present.fill(1, from - weight.columnBegin, to - weight.columnBegin);
  }

  private writeMatrix(weight: StoredWeight, { rowOffset, rows, rowLength, values, tensor }: WeightRows): void {
    const { columns, columnBegin } = weight;
    if (rowOffset + rows > weight.rows) throw outside(tensor, rowOffset, rows, weight.rows);
    const isView = weight.value.role.kind === 'weight' && weight.value.role.columns !== null;
    if (isView ? columnBegin + columns > rowLength : columns !== rowLength) {
      throw new RangeError(`${tensor} has rows of ${rowLength}; columns ${columnBegin} to ${columnBegin + columns} are wanted.`);
    }
    const block = columns === rowLength ? values : cutColumns(values, rows, rowLength, columnBegin, columns);
    this.writeElements(weight, rowOffset * columns, block);
    weight.present.fill(1, rowOffset, rowOffset + rows);
  }

  private writeElements(weight: StoredWeight, offset: number, values: Float32Array | Uint16Array): void {
    if (weight.half) this.writeHalves(weight, offset, values instanceof Float32Array ? toFloat16Array(values) : values);
    else {
      const floats = values instanceof Float32Array ? values : fromFloat16Array(values);
      this.writeWords(weight, offset, floats);
    }
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

function cutColumns<T extends Float32Array | Uint16Array>(
  values: T,
  rows: number,
  rowLength: number,
  begin: number,
  columns: number,
): T {
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
