import type { PackedAttention, PackedRows } from './attentionReference';

/**
 * Attention of packed sequences in plain loops, for a TensorFlow.js backend whose memory the host can read: wasm
 * multiplies batches of small matrices at 2 GFLOP/s, padded and unmasked; these loops are as fast on half the work.
 * Each head's rows are copied together as doubles first, which spares V8 a conversion in every multiplication.
 */

/** The output `(query rows, heads * size)` and the log of the sum of exponentials `(query rows, heads)`. */
export function attentionHost(
  attention: PackedAttention<Float32Array>,
  queryRows: number,
): [out: Float32Array, logSumExp: Float32Array] {
  const { queries, keys, values, segments, heads, size, scale } = attention;
  const out = new Float32Array(queryRows * heads * size);
  const logSumExp = new Float32Array(queryRows * heads);
  const scratch = new HeadScratch(size);
  for (const { first, count, firstQuery, queryCount, seen } of segments) {
    scratch.reserve(count);
    for (let head = 0; head < heads; head++) {
      copyHead(keys, head, size, first, count, scratch.keys);
      copyHead(values, head, size, first, count, scratch.values);
      for (let query = firstQuery; query < firstQuery + queryCount; query++) {
        copyHead(queries, head, size, query, 1, scratch.query);
        logSumExp[query * heads + head] = attend(scratch, seen + query - firstQuery, scale);
        out.set(scratch.result, (query * heads + head) * size);
      }
    }
  }
  return [out, logSumExp];
}

/** Writes the gradients of queries, keys and values of every segment into `into`, given that of the output. */
export function attentionGradientHost(
  attention: PackedAttention<Float32Array>,
  outGradient: Float32Array,
  into: { queries: PackedRows<Float32Array>; keys: PackedRows<Float32Array>; values: PackedRows<Float32Array> },
): void {
  const { queries, keys, values, segments, heads, size, scale } = attention;
  const gradient = { values: outGradient, stride: heads * size, offset: 0 };
  const scratch = new HeadScratch(size);
  for (const { first, count, firstQuery, queryCount, seen } of segments) {
    scratch.reserve(count);
    for (let head = 0; head < heads; head++) {
      copyHead(keys, head, size, first, count, scratch.keys);
      copyHead(values, head, size, first, count, scratch.values);
      scratch.keyGradients.fill(0, 0, count * size);
      scratch.valueGradients.fill(0, 0, count * size);
      for (let query = firstQuery; query < firstQuery + queryCount; query++) {
        copyHead(queries, head, size, query, 1, scratch.query);
        copyHead(gradient, head, size, query, 1, scratch.outGradient);
        attendBackward(scratch, seen + query - firstQuery, scale);
        storeHead(scratch.result, into.queries, head, size, query, 1);
      }
      storeHead(scratch.keyGradients, into.keys, head, size, first, count);
      storeHead(scratch.valueGradients, into.values, head, size, first, count);
    }
  }
}

/** Copies one head of rows `first` up to `first + count` into `target`, row by row. */
function copyHead(
  rows: PackedRows<Float32Array>,
  head: number,
  size: number,
  first: number,
  count: number,
  target: Float64Array,
): void {
  for (let row = 0; row < count; row++) {
    const from = (first + row) * rows.stride + rows.offset + head * size;
    for (let column = 0; column < size; column++) target[row * size + column] = rows.values[from + column]!;
  }
}

/** The inverse of copyHead. */
function storeHead(
  source: Float64Array,
  rows: PackedRows<Float32Array>,
  head: number,
  size: number,
  first: number,
  count: number,
): void {
  for (let row = 0; row < count; row++) {
    const to = (first + row) * rows.stride + rows.offset + head * size;
    for (let column = 0; column < size; column++) rows.values[to + column] = source[row * size + column]!;
  }
}

/** Room for one head of a sequence, grown as needed and used again. */
class HeadScratch {
  keys = new Float64Array(0);
  values = new Float64Array(0);
  keyGradients = new Float64Array(0);
  valueGradients = new Float64Array(0);
  scores = new Float64Array(0);
  scoreGradients = new Float64Array(0);
  readonly query: Float64Array;
  readonly outGradient: Float64Array;
  readonly result: Float64Array;
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    this.query = new Float64Array(size);
    this.outGradient = new Float64Array(size);
    this.result = new Float64Array(size);
  }

  reserve(rows: number): void {
    if (this.scores.length >= rows) return;
    for (const name of ['keys', 'values', 'keyGradients', 'valueGradients'] as const)
      this[name] = new Float64Array(rows * this.size);
    this.scores = new Float64Array(rows);
    this.scoreGradients = new Float64Array(rows);
  }
}

/** The softmax average of the first `count` values, into `scratch.result`; the probabilities stay in `scratch.scores`. Returns log-sum-exp. */
function attend(scratch: HeadScratch, count: number, scale: number): number {
  const { query, keys, values, scores, result, size } = scratch;
  dots(query, keys, scores, count, size);
  const logSumExp = softmax(scores, count, scale);
  result.fill(0);
  addRows(scores, values, result, count, size);
  return logSumExp;
}

/** The query's gradient into `scratch.result`; adds to keyGradients and valueGradients. */
function attendBackward(scratch: HeadScratch, count: number, scale: number): void {
  const { query, outGradient, keys, values, keyGradients, valueGradients, scores, scoreGradients, result, size } = scratch;
  dots(query, keys, scores, count, size);
  softmax(scores, count, scale);
  dots(outGradient, values, scoreGradients, count, size);
  let mean = 0;
  for (let row = 0; row < count; row++) mean += scores[row]! * scoreGradients[row]!;
  for (let row = 0; row < count; row++) scoreGradients[row] = scores[row]! * (scoreGradients[row]! - mean) * scale;
  result.fill(0);
  addRows(scoreGradients, keys, result, count, size);
  addOuter(scoreGradients, query, keyGradients, count, size);
  addOuter(scores, outGradient, valueGradients, count, size);
}

/** Scores to probabilities, in place. Returns the log of the sum of the exponentials of the scaled scores. */
function softmax(scores: Float64Array, count: number, scale: number): number {
  let highest = -Infinity;
  for (let row = 0; row < count; row++) highest = Math.max(highest, (scores[row]! *= scale));
  let sum = 0;
  for (let row = 0; row < count; row++) sum += scores[row] = Math.exp(scores[row]! - highest);
  for (let row = 0; row < count; row++) scores[row]! /= sum;
  return highest + Math.log(sum);
}

/** out[row] = vector . rows[row]; four rows at a time, so that each number of the vector is loaded once for four. */
function dots(vector: Float64Array, rows: Float64Array, out: Float64Array, count: number, size: number): void {
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const [a, b, c, d] = [row * size, (row + 1) * size, (row + 2) * size, (row + 3) * size] as const;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let column = 0; column < size; column++) {
      const value = vector[column]!;
      sumA += value * rows[a + column]!;
      sumB += value * rows[b + column]!;
      sumC += value * rows[c + column]!;
      sumD += value * rows[d + column]!;
    }
    out[row] = sumA;
    out[row + 1] = sumB;
    out[row + 2] = sumC;
    out[row + 3] = sumD;
  }
  for (; row < count; row++) {
    let sum = 0;
    for (let column = 0; column < size; column++) sum += vector[column]! * rows[row * size + column]!;
    out[row] = sum;
  }
}

/** out += sum over rows of weights[row] * rows[row]. */
function addRows(weights: Float64Array, rows: Float64Array, out: Float64Array, count: number, size: number): void {
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const [a, b, c, d] = [row * size, (row + 1) * size, (row + 2) * size, (row + 3) * size] as const;
    const weightA = weights[row]!;
    const weightB = weights[row + 1]!;
    const weightC = weights[row + 2]!;
    const weightD = weights[row + 3]!;
    for (let column = 0; column < size; column++) {
      out[column]! +=
        weightA * rows[a + column]! + weightB * rows[b + column]! + weightC * rows[c + column]! + weightD * rows[d + column]!;
    }
  }
  for (; row < count; row++) {
    const weight = weights[row]!;
    for (let column = 0; column < size; column++) out[column]! += weight * rows[row * size + column]!;
  }
}

/** rows[row] += weights[row] * vector. */
function addOuter(weights: Float64Array, vector: Float64Array, rows: Float64Array, count: number, size: number): void {
  for (let row = 0; row < count; row++) {
    const weight = weights[row]!;
    const begin = row * size;
    for (let column = 0; column < size; column++) rows[begin + column]! += weight * vector[column]!;
  }
}
