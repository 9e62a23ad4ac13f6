import type { Segment } from './segments';

/** Rows of all heads side by side: number `column` of head h of row r lies at `r * stride + offset + h * size + column`. */
export interface PackedRows<Numbers extends Float32Array | Float64Array = Float64Array> {
  values: Numbers;
  stride: number;
  offset: number;
}

/** Queries, keys and values of an attention, and how they are split. */
export interface PackedAttention<Numbers extends Float32Array | Float64Array = Float64Array> {
  queries: PackedRows<Numbers>;
  keys: PackedRows<Numbers>;
  values: PackedRows<Numbers>;
  segments: readonly Segment[];
  heads: number;
  /** Columns of a head. */
  size: number;
  /** Multiplies the scores. */
  scale: number;
}

/** The output `(query rows, heads * size)` and the log of the sum of exponentials `(query rows, heads)`. */
export function attentionReference(attention: PackedAttention, queryRows: number): [out: Float64Array, logSumExp: Float64Array] {
  const { heads, size, values } = attention;
  const out: PackedRows = { values: new Float64Array(queryRows * heads * size), stride: heads * size, offset: 0 };
  const logSumExp = new Float64Array(queryRows * heads);
  forEachQuery(attention, (query, head, keyRows) => {
    const { probabilities, logSum } = probabilitiesOf(attention, query, head, keyRows);
    logSumExp[query * heads + head] = logSum;
    keyRows.forEach((key, index) => addRow(out, query, values, key, head, size, probabilities[index]!));
  });
  return [out.values, logSumExp];
}

/** What the forward pass leaves for the gradient: its output, the log of each query's sum of exponentials, and the output's gradient. */
export interface AttentionResults {
  outGradient: Float64Array;
  out: Float64Array;
  logSumExp: Float64Array;
}

/** Adds the gradients of queries, keys and values to `into`. */
export function attentionGradientReference(
  attention: PackedAttention,
  { outGradient, out, logSumExp }: AttentionResults,
  into: { queries: PackedRows; keys: PackedRows; values: PackedRows },
): void {
  const { heads, size, scale, keys, queries, values } = attention;
  const gradient: PackedRows = { values: outGradient, stride: heads * size, offset: 0 };
  const output: PackedRows = { ...gradient, values: out };
  forEachQuery(attention, (query, head, keyRows) => {
    const mean = dot(gradient, query, output, query, head, size);
    for (const key of keyRows) {
      const score = scale * dot(queries, query, keys, key, head, size);
      const probability = Math.exp(score - logSumExp[query * heads + head]!);
      const scoreGradient = probability * (dot(gradient, query, values, key, head, size) - mean) * scale;
      addRow(into.queries, query, keys, key, head, size, scoreGradient);
      addRow(into.keys, key, queries, query, head, size, scoreGradient);
      addRow(into.values, key, gradient, query, head, size, probability);
    }
  });
}

function forEachQuery(
  { segments, heads }: PackedAttention,
  visit: (query: number, head: number, keyRows: number[]) => void,
): void {
  for (const { first, firstQuery, queryCount, seen } of segments) {
    for (let query = 0; query < queryCount; query++) {
      const keyRows = Array.from({ length: seen + query }, (_, row) => first + row);
      for (let head = 0; head < heads; head++) visit(firstQuery + query, head, keyRows);
    }
  }
}

function probabilitiesOf(
  { queries, keys, size, scale }: PackedAttention,
  query: number,
  head: number,
  keyRows: readonly number[],
): { probabilities: number[]; logSum: number } {
  const scores = keyRows.map((key) => scale * dot(queries, query, keys, key, head, size));
  const highest = Math.max(...scores);
  const logSum = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
  return { probabilities: scores.map((score) => Math.exp(score - logSum)), logSum };
}

function dot(a: PackedRows, rowA: number, b: PackedRows, rowB: number, head: number, size: number): number {
  const beginA = rowA * a.stride + a.offset + head * size;
  const beginB = rowB * b.stride + b.offset + head * size;
  let sum = 0;
  for (let column = 0; column < size; column++) sum += a.values[beginA + column]! * b.values[beginB + column]!;
  return sum;
}

function addRow(
  to: PackedRows,
  row: number,
  from: PackedRows,
  fromRow: number,
  head: number,
  size: number,
  factor: number,
): void {
  const begin = row * to.stride + to.offset + head * size;
  const fromBegin = fromRow * from.stride + from.offset + head * size;
  for (let column = 0; column < size; column++) to.values[begin + column]! += factor * from.values[fromBegin + column]!;
}
