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
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += a[row * inner + k]! * (transposed ? b[column * inner + k]! : b[k * columns + column]!);
      product[row * columns + column] = sum;
    }
  }
  return product;
}

/** The values (rows, columns) times this step's mask for the site. */
export function dropped(values: Float64Array, rows: number, columns: number, dropout: Dropout, step: StepValues): Float64Array {
  if (dropout.dropout === 0) return values;
  const mask = dropoutMask(step.dropoutSeed, dropout.site, dropout.dropout, rows, columns);
  return values.map((value, index) => value * mask[index]!);
}
