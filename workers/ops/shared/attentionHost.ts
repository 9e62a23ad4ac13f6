import type { TfjsContext } from '../../engine/op';
import { attendLong, attendLongBackward, longRows, type LongHead } from './attentionLong';
import { dotRows, sumRows } from './attentionLoops';
import type { PackedAttention, PackedRows } from './attentionReference';
import type { Segment } from './segments';

/**
 * Attention of packed sequences in plain loops, for a TensorFlow.js backend whose memory the host can read: wasm
 * multiplies batches of small matrices at 2 GFLOP/s, and that padded and unmasked; these loops are as fast on half the
 * work. Each head's rows are copied together as doubles first, which spares V8 a conversion in every multiplication.
 * Long sequences go head by head to `attentionLong`.
 */

type Floats = PackedRows<Float32Array>;

/** The output `(query rows, heads * size)` and the log of the sum of exponentials `(query rows, heads)`. */
export function attentionHost(
  context: TfjsContext,
  attention: PackedAttention<Float32Array>,
  queryRows: number,
): [out: Float32Array, logSumExp: Float32Array] {
  const { heads, size } = attention;
  const out: Floats = { values: new Float32Array(queryRows * heads * size), stride: heads * size, offset: 0 };
  const logSumExp = new Float32Array(queryRows * heads);
  const scratch = new HeadScratch(attention);
  for (const segment of attention.segments) {
    const { firstQuery, queryCount } = segment;
    for (let head = 0; head < heads; head++) {
      const made = isLong(segment)
        ? attendLong(context, longHead(attention, segment, head))
        : scratch.attend(attention, segment, head);
      store(made.out, out, head, size, firstQuery, queryCount);
      for (let query = 0; query < queryCount; query++) logSumExp[(firstQuery + query) * heads + head] = made.logSumExp[query]!;
    }
  }
  return [out.values, logSumExp];
}

/** Writes the gradients of queries, keys and values of every segment into `into`, given that of the output. */
export function attentionGradientHost(
  context: TfjsContext,
  attention: PackedAttention<Float32Array>,
  outGradient: Float32Array,
  into: { queries: Floats; keys: Floats; values: Floats },
): void {
  const { heads, size } = attention;
  const gradient: Floats = { values: outGradient, stride: heads * size, offset: 0 };
  const scratch = new HeadScratch(attention);
  for (const segment of attention.segments) {
    const { first, count, firstQuery, queryCount } = segment;
    for (let head = 0; head < heads; head++) {
      if (!isLong(segment)) {
        scratch.attendBackward(attention, segment, head, gradient, into);
        continue;
      }
      const own = copied(gradient, head, size, firstQuery, queryCount);
      const made = attendLongBackward(context, longHead(attention, segment, head), own);
      store(made.queries, into.queries, head, size, firstQuery, queryCount);
      store(made.keys, into.keys, head, size, first, count);
      store(made.values, into.values, head, size, first, count);
    }
  }
}

/** Only where every row is a query: one query on a long sequence is cheap. */
function isLong({ queryCount }: Segment): boolean {
  return queryCount >= longRows;
}

function longHead(
  { queries, keys, values, size, scale }: PackedAttention<Float32Array>,
  { first, count }: Segment,
  head: number,
): LongHead {
  const part = (rows: Floats): Float32Array => copied(rows, head, size, first, count);
  return { queries: part(queries), keys: part(keys), values: part(values), rows: count, size, scale };
}

/** Room for one head of the longest sequence that is not long. */
class HeadScratch {
  private readonly queries: Float64Array;
  private readonly keys: Float64Array;
  private readonly values: Float64Array;
  private readonly outGradient: Float64Array;
  private readonly result: Float64Array;
  /** `(queries, stride)`; 0 where a query does not see a key. */
  private readonly probabilities: Float64Array;
  private readonly scoreGradients: Float64Array;
  private readonly logSumExp: Float64Array;
  private readonly stride: number;
  private readonly size: number;

  constructor({ segments, size }: PackedAttention<Float32Array>) {
    const short = segments.filter((segment) => !isLong(segment));
    const queries = Math.max(0, ...short.map(({ queryCount }) => queryCount));
    const keys = Math.max(0, ...short.map(({ count }) => count));
    this.size = size;
    this.stride = keys;
    [this.queries, this.outGradient] = [new Float64Array(queries * size), new Float64Array(queries * size)];
    [this.keys, this.values] = [new Float64Array(keys * size), new Float64Array(keys * size)];
    this.result = new Float64Array(Math.max(queries, keys) * size);
    [this.probabilities, this.scoreGradients] = [new Float64Array(queries * keys), new Float64Array(queries * keys)];
    this.logSumExp = new Float64Array(queries);
  }

  /** Both are overwritten by the next head. */
  attend(
    attention: PackedAttention<Float32Array>,
    segment: Segment,
    head: number,
  ): { out: Float64Array; logSumExp: Float64Array } {
    this.load(attention, segment, head);
    this.softmax(segment, attention.scale);
    const weights = { values: this.probabilities, rowStep: this.stride, columnStep: 1 };
    sumRows(weights, this.values, this.result, segment.queryCount, this.size, fromStart, lastKeyOf(segment));
    return { out: this.result, logSumExp: this.logSumExp };
  }

  attendBackward(
    attention: PackedAttention<Float32Array>,
    segment: Segment,
    head: number,
    outGradient: Floats,
    into: { queries: Floats; keys: Floats; values: Floats },
  ): void {
    const { size, stride, result } = this;
    const { first, count, firstQuery, queryCount, seen } = segment;
    this.load(attention, segment, head);
    copy(outGradient, head, size, firstQuery, queryCount, this.outGradient);
    this.softmax(segment, attention.scale);
    this.softmaxBackward(segment, attention.scale);

    const byQuery = { values: this.scoreGradients, rowStep: stride, columnStep: 1 };
    sumRows(byQuery, this.keys, result, queryCount, size, fromStart, lastKeyOf(segment));
    store(result, into.queries, head, size, firstQuery, queryCount);

    const firstQueryOf = (key: number): number => Math.max(0, key - seen + 1);
    const lastQuery = (): number => queryCount;
    const byKey = { rowStep: 1, columnStep: stride };
    sumRows({ ...byKey, values: this.scoreGradients }, this.queries, result, count, size, firstQueryOf, lastQuery);
    store(result, into.keys, head, size, first, count);
    sumRows({ ...byKey, values: this.probabilities }, this.outGradient, result, count, size, firstQueryOf, lastQuery);
    store(result, into.values, head, size, first, count);
  }

  private load({ queries, keys, values }: PackedAttention<Float32Array>, segment: Segment, head: number): void {
    copy(queries, head, this.size, segment.firstQuery, segment.queryCount, this.queries);
    copy(keys, head, this.size, segment.first, segment.count, this.keys);
    copy(values, head, this.size, segment.first, segment.count, this.values);
  }

  /** Fills `probabilities` and `logSumExp`. */
  private softmax({ queryCount, count, seen }: Segment, scale: number): void {
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

  /** Fills `scoreGradients`, after `softmax`. */
  private softmaxBackward({ queryCount, count, seen }: Segment, scale: number): void {
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

function fromStart(): number {
  return 0;
}

/** Of a query, the first key that it does not see. */
function lastKeyOf({ count, seen }: Segment): (query: number) => number {
  return (query) => Math.min(count, seen + query);
}

function copied(rows: Floats, head: number, size: number, first: number, count: number): Float32Array {
  const target = new Float32Array(count * size);
  copy(rows, head, size, first, count, target);
  return target;
}

/** Copies one head of rows `first` up to `first + count` into `target`, row by row. */
function copy(rows: Floats, head: number, size: number, first: number, count: number, target: Float32Array | Float64Array): void {
  for (let row = 0; row < count; row++) {
    const from = (first + row) * rows.stride + rows.offset + head * size;
    for (let column = 0; column < size; column++) target[row * size + column] = rows.values[from + column]!;
  }
}

/** The inverse of copy. */
function store(
  source: Float32Array | Float64Array,
  rows: Floats,
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
