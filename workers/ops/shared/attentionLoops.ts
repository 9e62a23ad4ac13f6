/**
 * Products of small matrices of doubles, row by row in plain loops. Two rows meet four at a time, so that six numbers are
 * loaded for eight multiplications: three times as fast in V8 as one by one.
 */

/** out[i, j] = a[i] . b[j] for `rows` rows of `a` and, of `b`, at least those from begins[i] up to ends[i]. Rows of `out` are `stride` apart. */
export function dotRows(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  { rows, begins, ends, size, stride }: { rows: number; begins: Int32Array; ends: Int32Array; size: number; stride: number },
): void {
  for (let i = 0; i < rows; i += 2) {
    const first = i * size;
    // The last row of an odd number is computed twice.
    const second = Math.min(i + 1, rows - 1);
    const secondBegin = second * size;
    const end = ends[second]!;
    let j = begins[i]!;
    for (; j + 4 <= end; j += 4) {
      const b0 = j * size;
      const b1 = b0 + size;
      const b2 = b1 + size;
      const b3 = b2 + size;
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0; // prettier-ignore
      for (let column = 0; column < size; column++) {
        const x = a[first + column]!;
        const y = a[secondBegin + column]!;
        const p = b[b0 + column]!;
        const q = b[b1 + column]!;
        const r = b[b2 + column]!;
        const s = b[b3 + column]!;
        s00 += x * p;
        s01 += x * q;
        s02 += x * r;
        s03 += x * s;
        s10 += y * p;
        s11 += y * q;
        s12 += y * r;
        s13 += y * s;
      }
      const at = i * stride + j;
      const below = second * stride + j;
      out[at] = s00;
      out[at + 1] = s01;
      out[at + 2] = s02;
      out[at + 3] = s03;
      out[below] = s10;
      out[below + 1] = s11;
      out[below + 2] = s12;
      out[below + 3] = s13;
    }
    for (; j < end; j++) {
      let s0 = 0;
      let s1 = 0;
      for (let column = 0; column < size; column++) {
        const p = b[j * size + column]!;
        s0 += a[first + column]! * p;
        s1 += a[secondBegin + column]! * p;
      }
      out[i * stride + j] = s0;
      out[second * stride + j] = s1;
    }
  }
}

/** Weight (i, k) lies at `i * rowStep + k * columnStep`, which reads a matrix or its transpose. */
export interface Weights {
  values: Float64Array;
  rowStep: number;
  columnStep: number;
}

/**
 * out[i] = sum over k of weight (i, k) * rows[k], k from `begins[i]` up to `ends[i]`. Neither may fall as i grows, and the
 * weights of a row outside of its own range, within its neighbour's, must be zero.
 */
export function sumRows(
  weights: Weights,
  rows: Float64Array,
  out: Float64Array,
  count: number,
  size: number,
  begins: Int32Array,
  ends: Int32Array,
): void {
  const { values, rowStep, columnStep } = weights;
  out.fill(0, 0, count * size);
  for (let i = 0; i < count; i += 2) {
    const paired = i + 1 < count;
    const first = i * size;
    const last = ends[paired ? i + 1 : i]!;
    let k = begins[i]!;
    for (; k + 4 <= last; k += 4) {
      const r0 = k * size;
      const r1 = r0 + size;
      const r2 = r1 + size;
      const r3 = r2 + size;
      const at = i * rowStep + k * columnStep;
      const w00 = values[at]!;
      const w01 = values[at + columnStep]!;
      const w02 = values[at + 2 * columnStep]!;
      const w03 = values[at + 3 * columnStep]!;
      if (!paired) {
        for (let column = 0; column < size; column++) {
          out[first + column]! +=
            w00 * rows[r0 + column]! + w01 * rows[r1 + column]! + w02 * rows[r2 + column]! + w03 * rows[r3 + column]!;
        }
        continue;
      }
      const w10 = values[at + rowStep]!;
      const w11 = values[at + rowStep + columnStep]!;
      const w12 = values[at + rowStep + 2 * columnStep]!;
      const w13 = values[at + rowStep + 3 * columnStep]!;
      for (let column = 0; column < size; column++) {
        const p = rows[r0 + column]!;
        const q = rows[r1 + column]!;
        const r = rows[r2 + column]!;
        const s = rows[r3 + column]!;
        out[first + column]! += w00 * p + w01 * q + w02 * r + w03 * s;
        out[first + size + column]! += w10 * p + w11 * q + w12 * r + w13 * s;
      }
    }
    for (; k < last; k++) {
      const at = i * rowStep + k * columnStep;
      const w0 = values[at]!;
      const w1 = paired ? values[at + rowStep]! : 0;
      for (let column = 0; column < size; column++) {
        const p = rows[k * size + column]!;
        out[first + column]! += w0 * p;
        if (paired) out[first + size + column]! += w1 * p;
      }
    }
  }
}
