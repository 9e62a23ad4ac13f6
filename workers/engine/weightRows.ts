import { TuneletError } from '../api/errors';
import type { WeightRows } from './executor';
import type { Role, Value } from './graph';
import { dequantise, numbersOf } from './quantisedBlocks';
import { blockFormatOf, roundedTo } from './weightStorage';

export type WeightRole = Role & { kind: 'weight' };

/** A frozen weight, or some columns of one, whose rows come in portions. */
export interface ArrivingWeight {
  readonly label: string;
  readonly role: WeightRole;
  readonly shape: readonly number[];
  /** For each row (of a vector: each number) whether it has come. */
  readonly present: Uint8Array;
  missing: number;
}

/**
 * For executors whose weights lie in host memory: puts rows in their places as float32, and knows which never came. What a GPU
 * would hold in blocks is rounded as there, so that both compute the same; float16 is not.
 */
export class WeightRegister {
  private readonly byKey = new Map<string, ArrivingWeight>();

  /** Returns those that are new. */
  allocate(values: readonly Value[]): ArrivingWeight[] {
    return values.flatMap(({ role, label, shape }) => {
      if (role.kind !== 'weight') throw new Error(`${label} is no weight.`);
      if (this.byKey.has(keyOf(role))) return [];
      const sizes = shape.map(Number);
      const rows = sizes[0] ?? 0;
      const weight = { label, role, shape: sizes, present: new Uint8Array(rows), missing: rows };
      this.byKey.set(keyOf(role), weight);
      return [weight];
    });
  }

  /** Throws where the value was not allocated or is not complete. */
  complete({ role, label }: Value): ArrivingWeight {
    const weight = role.kind === 'weight' ? this.byKey.get(keyOf(role)) : undefined;
    if (!weight || weight.missing > 0)
      throw new Error(`${label} is used by a graph, but it was not loaded: name it in allocateWeights and write its rows.`);
    return weight;
  }

  /**
   * Writes rows to where `target` says that the weight lies; returns the weights that became complete. Rows of a tensor that
   * was not allocated are ignored. Throws a RangeError where rows lie outside of theirs.
   */
  write(rows: WeightRows, target: (weight: ArrivingWeight) => Float32Array): ArrivingWeight[] {
    if (rows.values.length !== rows.rows * rows.rowLength) {
      throw new RangeError(`${rows.tensor}: ${rows.rows} rows of ${rows.rowLength} came with ${rows.values.length} numbers.`);
    }
    const own = [...this.byKey.values()].filter((weight) => weight.role.tensor === rows.tensor);
    return own.filter((weight) => {
      if (weight.missing === 0) throw new Error(`${rows.tensor} was complete, and then more of its rows came.`);
      fill(weight, rows, target(weight));
      return weight.missing === 0;
    });
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

  clear(): void {
    this.byKey.clear();
  }
}

function fill(weight: ArrivingWeight, rows: WeightRows, values: Float32Array): void {
  const [first, last] = weight.shape.length === 1 ? fillVector(weight, values, rows) : fillMatrix(weight, values, rows);
  for (let row = first; row < last; row++) {
    weight.missing -= weight.present[row] ? 0 : 1;
    weight.present[row] = 1;
  }
}

/** A vector's chunk counts in numbers, whether it came as one row or as many. Returns the range that is filled. */
function fillVector({ role, shape }: ArrivingWeight, target: Float32Array, rows: WeightRows): [number, number] {
  const size = shape[0] ?? 0;
  const columnBegin = role.columns?.[0] ?? 0;
  const begin = rows.rowOffset * rows.rowLength - columnBegin;
  if (!role.columns && begin + rows.values.length > size) throw outside(rows, size);
  const from = Math.max(0, begin);
  const to = Math.min(size, begin + rows.values.length);
  if (from >= to) return [0, 0];
  target.set(part(rows.values, from - begin, to - begin), from);
  return [from, to];
}

function fillMatrix(weight: ArrivingWeight, target: Float32Array, rows: WeightRows): [number, number] {
  const { role, shape } = weight;
  const [count = 0, columns = 0] = shape;
  const columnBegin = role.columns?.[0] ?? 0;
  const last = rows.rowOffset + rows.rows;
  if (last > count) throw outside(rows, count);
  if (role.columns ? columnBegin + columns > rows.rowLength : columns !== rows.rowLength) {
    throw new RangeError(
      `${rows.tensor} has rows of ${rows.rowLength}; columns ${columnBegin} to ${columnBegin + columns} are wanted.`,
    );
  }
  const format = blockFormatOf(weight);
  const rounds = format !== null && (ArrayBuffer.isView(rows.values) || rows.values.format !== format);
  for (let row = 0; row < rows.rows; row++) {
    const begin = row * rows.rowLength + columnBegin;
    const numbers = part(rows.values, begin, begin + columns);
    target.set(rounds ? roundedTo(format, numbers) : numbers, (rows.rowOffset + row) * columns);
  }
  return [rows.rowOffset, last];
}

function part(values: WeightRows['values'], begin: number, end: number): Float32Array {
  return ArrayBuffer.isView(values) ? numbersOf(values.subarray(begin, end)) : dequantise(values, begin, end);
}

function keyOf({ tensor, columns }: WeightRole): string {
  return `${tensor} ${columns}`;
}

function outside({ tensor, rowOffset, rows }: WeightRows, size: number): RangeError {
  return new RangeError(`${tensor}: rows ${rowOffset} to ${rowOffset + rows} came, but it has ${size}.`);
}
