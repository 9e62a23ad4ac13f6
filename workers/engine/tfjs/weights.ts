import * as tf from '@tensorflow/tfjs-core';
import { TuneletError } from '../../api/errors';
import type { WeightRows } from '../executor';
import { fromFloat16Array } from '../../api/float16';
import type { Role, Value } from '../graph';

type WeightRole = Role & { kind: 'weight' };

interface HostWeight {
  label: string;
  role: WeightRole;
  shape: number[];
  /** Whole until every row has come; then the tensor takes over. */
  values: Float32Array | null;
  /** For each row (of a vector: each number) whether it has come. */
  present: Uint8Array;
  missing: number;
  tensor: tf.Tensor | null;
}

/** The frozen weights as float32 tensors, each made when its last row arrives, and transposed copies of some. */
export class TfjsWeights {
  private readonly byKey = new Map<string, HostWeight>();
  private readonly copies = new Map<tf.Tensor, tf.Tensor>();

  allocate(values: readonly Value[]): void {
    for (const { role, label, shape } of values) {
      if (role.kind !== 'weight') throw new Error(`${label} is no weight.`);
      if (this.byKey.has(keyOf(role))) continue;
      const sizes = shape.map(Number);
      const rows = sizes[0] ?? 0;
      const present = new Uint8Array(rows);
      this.byKey.set(keyOf(role), { label, role, shape: sizes, values: null, present, missing: rows, tensor: null });
    }
  }

  /** Rows of a tensor that was not allocated are ignored. Throws a RangeError where rows lie outside of theirs. */
  write(rows: WeightRows): void {
    if (rows.values.length !== rows.rows * rows.rowLength) {
      throw new RangeError(`${rows.tensor}: ${rows.rows} rows of ${rows.rowLength} came with ${rows.values.length} numbers.`);
    }
    for (const weight of this.byKey.values()) if (weight.role.tensor === rows.tensor) this.fill(weight, rows);
  }

  /** Throws `model/missing-tensor`, naming the weights of which rows never came. */
  requireComplete(): void {
    const missing = [...this.byKey.values()].filter((weight) => weight.missing > 0);
    if (missing.length === 0) return;
    const names = missing.slice(0, 5).map((weight) => `${weight.label} (${weight.missing} rows)`);
    throw new TuneletError(
      'model/missing-tensor',
      `The model's files lack ${missing.length} of its weights: ${names.join(', ')}${missing.length > 5 ? ', …' : ''}.`,
      'Check that all files of the model are there and complete.',
      { missing: missing.length, first: missing[0]?.label ?? '' },
    );
  }

  /** Throws where the weight was not allocated or is not complete. */
  tensor({ role, label }: Value): tf.Tensor {
    const tensor = role.kind === 'weight' ? this.byKey.get(keyOf(role))?.tensor : null;
    if (!tensor)
      throw new Error(`${label} is used by a graph, but it was not loaded: name it in allocateWeights and write its rows.`);
    return tensor;
  }

  /** A copy `(columns, rows)`, made at first asking and kept. */
  transposed(weight: tf.Tensor): tf.Tensor {
    const known = this.copies.get(weight);
    if (known) return known;
    const copy = tf.keep(tf.transpose(weight));
    this.copies.set(weight, copy);
    return copy;
  }

  dispose(): void {
    tf.dispose([...this.copies.values()]);
    this.copies.clear();
    for (const { tensor } of this.byKey.values()) tensor?.dispose();
    this.byKey.clear();
  }

  private fill(weight: HostWeight, rows: WeightRows): void {
    if (weight.tensor) throw new Error(`${rows.tensor} was complete, and then more of its rows came.`);
    weight.values ??= new Float32Array(weight.shape.reduce((product, size) => product * size, 1));
    const [first, last] =
      weight.shape.length === 1 ? fillVector(weight, weight.values, rows) : fillMatrix(weight, weight.values, rows);
    for (let row = first; row < last; row++) {
      weight.missing -= weight.present[row] ? 0 : 1;
      weight.present[row] = 1;
    }
    if (weight.missing > 0) return;
    weight.tensor = tf.keep(tf.tensor(weight.values, weight.shape));
    weight.values = null;
  }
}

/** A vector's chunk counts in numbers, whether it came as one row or as many. Returns the range that is filled. */
function fillVector({ role, shape }: HostWeight, target: Float32Array, rows: WeightRows): [number, number] {
  const size = shape[0] ?? 0;
  const columnBegin = role.columns?.[0] ?? 0;
  const begin = rows.rowOffset * rows.rowLength - columnBegin;
  if (!role.columns && begin + rows.values.length > size) throw outside(rows, size);
  const from = Math.max(0, begin);
  const to = Math.min(size, begin + rows.values.length);
  if (from >= to) return [0, 0];
  target.set(widened(rows.values.subarray(from - begin, to - begin)), from);
  return [from, to];
}

function fillMatrix({ role, shape }: HostWeight, target: Float32Array, rows: WeightRows): [number, number] {
  const [count = 0, columns = 0] = shape;
  const columnBegin = role.columns?.[0] ?? 0;
  const last = rows.rowOffset + rows.rows;
  if (last > count) throw outside(rows, count);
  if (role.columns ? columnBegin + columns > rows.rowLength : columns !== rows.rowLength) {
    throw new RangeError(
      `${rows.tensor} has rows of ${rows.rowLength}; columns ${columnBegin} to ${columnBegin + columns} are wanted.`,
    );
  }
  for (let row = 0; row < rows.rows; row++) {
    const begin = row * rows.rowLength + columnBegin;
    target.set(widened(rows.values.subarray(begin, begin + columns)), (rows.rowOffset + row) * columns);
  }
  return [rows.rowOffset, last];
}

function widened(values: Float32Array | Uint16Array): Float32Array {
  return values instanceof Float32Array ? values : fromFloat16Array(values);
}

function keyOf({ tensor, columns }: WeightRole): string {
  return `${tensor} ${columns}`;
}

function outside({ tensor, rowOffset, rows }: WeightRows, size: number): RangeError {
  return new RangeError(`${tensor}: rows ${rowOffset} to ${rowOffset + rows} came, but it has ${size}.`);
}
