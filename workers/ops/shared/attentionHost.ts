import { dotRows, sumRows } from './attentionLoops';
import type { PackedAttention, PackedRows } from './attentionReference';
import type { Segment } from './segments';

/**
 * Attention of packed sequences in plain loops, for a TensorFlow.js backend whose memory the host can read: wasm
 * multiplies batches of small matrices at 2 GFLOP/s, and that padded and unmasked; these loops are as fast on half the
 * work. Each head's rows are copied together as doubles first, which spares V8 a conversion in every multiplication.
 */

type Floats = PackedRows<Float32Array>;

/** The output `(query rows, heads * size)` and the log of the sum of exponentials `(query rows, heads)`. */
export function attentionHost(
  attention: PackedAttention<Float32Array>,
  queryRows: number,
): [out: Float32Array, logSumExp: Float32Array] {
  const { segments, heads, size } = attention;
  const out: Floats = { values: new Float32Array(queryRows * heads * size), stride: heads * size, offset: 0 };
  const logSumExp = new Float32Array(queryRows * heads);
  const scratch = new HeadScratch(segments, size);
  for (const segment of segments) {
    for (let head = 0; head < heads; head++) {
      const { firstQuery, queryCount, seen, count } = segment;
      scratch.load(attention, segment, head);
      scratch.attend(segment, attention.scale);
      for (let query = 0; query < queryCount; query++) logSumExp[(firstQuery + query) * heads + head] = scratch.logSumExp[query]!;
      const weights = { values: scratch.probabilities, rowStep: scratch.stride, columnStep: 1 };
      sumRows(weights, scratch.values, scratch.result, queryCount, size, () => 0, (query) => Math.min(count, seen + query)); // prettier-ignore
      store(scratch.result, out, head, size, firstQuery, queryCount);
    }
  }
  return [out.values, logSumExp];
}

/** Writes the gradients of queries, keys and values of every segment into `into`, given that of the output. */
export function attentionGradientHost(
  attention: PackedAttention<Float32Array>,
  outGradient: Float32Array,
  into: { queries: Floats; keys: Floats; values: Floats },
): void {
  const { segments, heads, size, scale } = attention;
  const gradient: Floats = { values: outGradient, stride: heads * size, offset: 0 };
  const scratch = new HeadScratch(segments, size);
  for (const segment of segments) {
    for (let head = 0; head < heads; head++) {
      const { first, count, firstQuery, queryCount, seen } = segment;
      scratch.load(attention, segment, head);
      copy(gradient, head, size, firstQuery, queryCount, scratch.outGradient);
      scratch.attend(segment, scale);
      scratch.attendBackward(segment, scale);

      const { stride, result } = scratch;
      const lastKey = (query: number): number => Math.min(count, seen + query);
      const scoreGradients = { values: scratch.scoreGradients, rowStep: stride, columnStep: 1 };
      sumRows(scoreGradients, scratch.keys, result, queryCount, size, () => 0, lastKey);
      store(result, into.queries, head, size, firstQuery, queryCount);

      const firstQueryOf = (key: number): number => Math.max(0, key - seen + 1);
      const lastQuery = (): number => queryCount;
      sumRows(
        { ...scoreGradients, rowStep: 1, columnStep: stride },
        scratch.queries,
        result,
        count,
        size,
        firstQueryOf,
        lastQuery,
      );
      store(result, into.keys, head, size, first, count);
      const probabilities = { values: scratch.probabilities, rowStep: 1, columnStep: stride };
      sumRows(probabilities, scratch.outGradient, result, count, size, firstQueryOf, lastQuery);
      store(result, into.values, head, size, first, count);
    }
  }
}

/** Room for one head of the longest sequence. */
class HeadScratch {
  readonly queries: Float64Array;
  readonly keys: Float64Array;
  readonly values: Float64Array;
  readonly outGradient: Float64Array;
  readonly result: Float64Array;
  /** `(queries, stride)`; 0 where a query does not see a key. */
  readonly probabilities: Float64Array;
  readonly scoreGradients: Float64Array;
  readonly logSumExp: Float64Array;
  readonly stride: number;
  private readonly size: number;

  constructor(segments: readonly Segment[], size: number) {
    const queries = Math.max(0, ...segments.map(({ queryCount }) => queryCount));
    const keys = Math.max(0, ...segments.map(({ count }) => count));
    this.size = size;
    this.stride = keys;
    [this.queries, this.outGradient] = [new Float64Array(queries * size), new Float64Array(queries * size)];
    [this.keys, this.values] = [new Float64Array(keys * size), new Float64Array(keys * size)];
    this.result = new Float64Array(Math.max(queries, keys) * size);
    [this.probabilities, this.scoreGradients] = [new Float64Array(queries * keys), new Float64Array(queries * keys)];
    this.logSumExp = new Float64Array(queries);
  }

  load({ queries, keys, values }: PackedAttention<Float32Array>, segment: Segment, head: number): void {
    copy(queries, head, this.size, segment.firstQuery, segment.queryCount, this.queries);
    copy(keys, head, this.size, segment.first, segment.count, this.keys);
    copy(values, head, this.size, segment.first, segment.count, this.values);
  }

  /** Fills `probabilities` and `logSumExp`. */
  attend({ queryCount, count, seen }: Segment, scale: number): void {
    const { probabilities, stride, size } = this;
    dotRows(this.queries, this.keys, probabilities, { rows: queryCount, keys: count, seen, size, stride });
    for (let query = 0; query < queryCount; query++) {
      const begin = query * stride;
      const visible = Math.min(count, seen + query);
      let highest = -Infinity;
      for (let key = 0; key < visible; key++) highest = Math.max(highest, probabilities[begin + key]! * scale);
      let sum = 0;
      for (let key = 0; key < visible; key++)
        sum += probabilities[begin + key] = Math.exp(probabilities[begin + key]! * scale - highest);
      for (let key = 0; key < visible; key++) probabilities[begin + key]! /= sum;
      probabilities.fill(0, begin + visible, begin + count);
      this.logSumExp[query] = highest + Math.log(sum);
    }
  }

  /** Fills `scoreGradients`, after `attend`. */
  attendBackward({ queryCount, count, seen }: Segment, scale: number): void {
    const { probabilities, scoreGradients, stride, size } = this;
    dotRows(this.outGradient, this.values, scoreGradients, { rows: queryCount, keys: count, seen, size, stride });
    for (let query = 0; query < queryCount; query++) {
      const begin = query * stride;
      const visible = Math.min(count, seen + query);
      let mean = 0;
      for (let key = 0; key < visible; key++) mean += probabilities[begin + key]! * scoreGradients[begin + key]!;
      for (let key = 0; key < visible; key++) {
        scoreGradients[begin + key] = probabilities[begin + key]! * (scoreGradients[begin + key]! - mean) * scale;
      }
      scoreGradients.fill(0, begin + visible, begin + count);
    }
  }
}

/** Copies one head of rows `first` up to `first + count` into `target`, row by row. */
function copy(rows: Floats, head: number, size: number, first: number, count: number, target: Float64Array): void {
  for (let row = 0; row < count; row++) {
    const from = (first + row) * rows.stride + rows.offset + head * size;
    for (let column = 0; column < size; column++) target[row * size + column] = rows.values[from + column]!;
  }
}

/** The inverse of copy. */
function store(source: Float64Array, rows: Floats, head: number, size: number, first: number, count: number): void {
  for (let row = 0; row < count; row++) {
    const to = (first + row) * rows.stride + rows.offset + head * size;
    for (let column = 0; column < size; column++) rows.values[to + column] = source[row * size + column]!;
  }
}
