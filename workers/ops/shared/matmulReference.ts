import { dropoutMask } from '../../engine/dropout';
import type { StepValues } from '../../engine/step';
import type { Dropout } from '../attributes';

/** a (rows, inner) times b (inner, columns), or times b^T with b (columns, inner). */
export function multiply(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
  transposed: boolean,
): Float64Array {
  const product = new Float64Array(rows * columns);
  // Whole rows, because whole training runs are computed so; each sum is over k in order either way.
  for (let row = 0; row < rows; row++) {
    const from = a.subarray(row * inner, (row + 1) * inner);
    const to = product.subarray(row * columns, (row + 1) * columns);
    if (transposed) for (let column = 0; column < columns; column++) to[column] = dot(from, b, column * inner);
    else for (let k = 0; k < inner; k++) addRow(to, from[k]!, b, k * columns);
  }
  return product;
}

function dot(a: Float64Array, b: Float64Array, begin: number): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[begin + k]!;
  return sum;
}

function addRow(to: Float64Array, factor: number, b: Float64Array, begin: number): void {
  for (let column = 0; column < to.length; column++) to[column]! += factor * b[begin + column]!;
}

/** The values (rows, columns) times this step's mask for the site. */
export function dropped(values: Float64Array, rows: number, columns: number, dropout: Dropout, step: StepValues): Float64Array {
  if (dropout.dropout === 0) return values;
  const mask = dropoutMask(step.dropoutSeed, dropout.site, dropout.dropout, rows, columns);
  return values.map((value, index) => value * mask[index]!);
}
