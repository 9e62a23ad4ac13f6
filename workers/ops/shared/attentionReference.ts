import type { Segment } from './segments';

/** Rows of some heads side by side: number `column` of head h of row r lies at `r * stride + offset + h * size + column`. */
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
  /** Heads of keys and values; each serves `heads / kvHeads` query heads, one after another. */
  kvHeads: number;
  /** Columns of a head. */
  size: number;
  /** Multiplies the scores. */
  scale: number;
  /** Every row is a query. */
  isCausal: boolean;
}

/** The head of keys and values that a query head uses. */
export function keyHeadOf({ heads, kvHeads }: Pick<PackedAttention, 'heads' | 'kvHeads'>, head: number): number {
  return Math.floor(head / (heads / kvHeads));
}

/** The output `(query rows, heads * size)` and the log of the sum of exponentials `(query rows, heads)`. */
export function attentionReference(attention: PackedAttention, queryRows: number): [out: Float64Array, logSumExp: Float64Array] {
  const { heads, size, values } = attention;
  const out: PackedRows = { values: new Float64Array(queryRows * heads * size), stride: heads * size, offset: 0 };
  const logSumExp = new Float64Array(queryRows * heads);
  forEachQuery(attention, (query, head, keyRows) => {
    const { probabilities, logSum } = probabilitiesOf(attention, query, head, keyRows);
    logSumExp[query * heads + head] = logSum;
    const keyHead = keyHeadOf(attention, head);
    keyRows.forEach((key, index) => addRow(out, query, head, values, key, keyHead, size, probabilities[index]!));
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
    const keyHead = keyHeadOf(attention, head);
    const mean = dot(gradient, query, head, output, query, head, size);
    for (const key of keyRows) {
      const score = scale * dot(queries, query, head, keys, key, keyHead, size);
      const probability = Math.exp(score - logSumExp[query * heads + head]!);
      const scoreGradient = probability * (dot(gradient, query, head, values, key, keyHead, size) - mean) * scale;
      addRow(into.queries, query, head, keys, key, keyHead, size, scoreGradient);
      addRow(into.keys, key, keyHead, queries, query, head, size, scoreGradient);
      addRow(into.values, key, keyHead, gradient, query, head, size, probability);
    }
  });
}

function forEachQuery(
  { segments, heads }: PackedAttention,
  visit: (query: number, head: number, keyRows: number[]) => void,
): void {
  for (const { first, count, firstQuery, queryCount, begins, ends, hidden } of segments) {
    for (let query = 0; query < queryCount; query++) {
      const isHidden = (key: number): boolean => hidden !== null && key >= hidden[2 * query]! && key < hidden[2 * query + 1]!;
      const sees = (key: number): boolean => key >= begins[query]! && key < ends[query]! && !isHidden(key);
      const keyRows = Array.from({ length: count }, (_, key) => key)
        .filter(sees)
        .map((key) => first + key);
      for (let head = 0; head < heads; head++) visit(firstQuery + query, head, keyRows);
    }
  }
}

function probabilitiesOf(
  attention: PackedAttention,
  query: number,
  head: number,
  keyRows: readonly number[],
): { probabilities: number[]; logSum: number } {
  const { queries, keys, size, scale } = attention;
  const scores = keyRows.map((key) => scale * dot(queries, query, head, keys, key, keyHeadOf(attention, head), size));
  const highest = Math.max(...scores);
  const logSum = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
  return { probabilities: scores.map((score) => Math.exp(score - logSum)), logSum };
}

function dot(a: PackedRows, rowA: number, headA: number, b: PackedRows, rowB: number, headB: number, size: number): number {
  const beginA = rowA * a.stride + a.offset + headA * size;
  const beginB = rowB * b.stride + b.offset + headB * size;
  let sum = 0;
  for (let column = 0; column < size; column++) sum += a.values[beginA + column]! * b.values[beginB + column]!;
  return sum;
}

function addRow(
  to: PackedRows,
  row: number,
  head: number,
  from: PackedRows,
  fromRow: number,
  fromHead: number,
  size: number,
  factor: number,
): void {
  const begin = row * to.stride + to.offset + head * size;
  const fromBegin = fromRow * from.stride + from.offset + fromHead * size;
  for (let column = 0; column < size; column++) to.values[begin + column]! += factor * from.values[fromBegin + column]!;
}
