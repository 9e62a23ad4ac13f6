import type { TfjsContext } from '../../engine/op';
import { attendLong, attendLongBackward, longRows, type LongHead } from './attentionLong';
import { dotRows, sumRows, type Weights } from './attentionLoops';
import { keyHeadOf, type PackedAttention, type PackedRows } from './attentionReference';
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
      const made = isLong(attention, segment)
        ? attendLong(context, longHead(attention, segment, head))
        : scratch.attend(attention, segment, head);
      add(made.out, out, head, size, firstQuery, queryCount);
      for (let query = 0; query < queryCount; query++) logSumExp[(firstQuery + query) * heads + head] = made.logSumExp[query]!;
    }
  }
  return [out.values, logSumExp];
}

/** Adds the gradients of queries, keys and values of every segment to `into`, which is zero, given that of the output. */
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
      if (!isLong(attention, segment)) {
        scratch.attendBackward(attention, segment, head, gradient, into);
        continue;
      }
      const own = copied(gradient, head, size, firstQuery, queryCount);
      const made = attendLongBackward(context, longHead(attention, segment, head), own);
      const keyHead = keyHeadOf(attention, head);
      add(made.queries, into.queries, head, size, firstQuery, queryCount);
      add(made.keys, into.keys, keyHead, size, first, count);
      add(made.values, into.values, keyHead, size, first, count);
    }
  }
}

/** Only where every row is a query: few queries on a long sequence are cheap. */
function isLong({ isCausal }: PackedAttention<Float32Array>, { queryCount }: Segment): boolean {
  return isCausal && queryCount >= longRows;
}

function longHead(attention: PackedAttention<Float32Array>, segment: Segment, head: number): LongHead {
  const { queries, keys, values, size, scale } = attention;
  const part = (rows: Floats, own: number): Float32Array => copied(rows, own, size, segment.first, segment.count);
  const keyHead = keyHeadOf(attention, head);
  return { queries: part(queries, head), keys: part(keys, keyHead), values: part(values, keyHead), segment, size, scale };
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

  constructor(attention: PackedAttention<Float32Array>) {
    const { segments, size } = attention;
    const short = segments.filter((segment) => !isLong(attention, segment));
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
    this.sumKeys(segment, weights, this.values);
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
    const { first, count, firstQuery, queryCount } = segment;
    const keyHead = keyHeadOf(attention, head);
    this.load(attention, segment, head);
    copy(outGradient, head, size, firstQuery, queryCount, this.outGradient);
    this.softmax(segment, attention.scale);
    this.softmaxBackward(segment, attention.scale);

    const byQuery = { values: this.scoreGradients, rowStep: stride, columnStep: 1 };
    this.sumKeys(segment, byQuery, this.keys);
    add(result, into.queries, head, size, firstQuery, queryCount);

    const { from, to } = queriesOfKeys(segment);
    const byKey = { rowStep: 1, columnStep: stride };
    sumRows({ ...byKey, values: this.scoreGradients }, this.queries, result, count, size, from, to);
    add(result, into.keys, keyHead, size, first, count);
    sumRows({ ...byKey, values: this.probabilities }, this.outGradient, result, count, size, from, to);
    add(result, into.values, keyHead, size, first, count);
  }

  private load(attention: PackedAttention<Float32Array>, segment: Segment, head: number): void {
    const keyHead = keyHeadOf(attention, head);
    copy(attention.queries, head, this.size, segment.firstQuery, segment.queryCount, this.queries);
    copy(attention.keys, keyHead, this.size, segment.first, segment.count, this.keys);
    copy(attention.values, keyHead, this.size, segment.first, segment.count, this.values);
  }

  /** Weighted rows of keys, or of values, for each query, into `result`. */
  private sumKeys({ queryCount, begins, ends }: Segment, weights: Weights, rows: Float64Array): void {
    sumRows(weights, rows, this.result, queryCount, this.size, begins, ends);
  }

  /** Fills `probabilities` and `logSumExp`. */
  private softmax({ queryCount, count, begins, ends, hidden }: Segment, scale: number): void {
    const { probabilities, stride, size } = this;
    dotRows(this.queries, this.keys, probabilities, { rows: queryCount, begins, ends, size, stride });
    for (let query = 0; query < queryCount; query++) {
      const row = query * stride;
      const [begin, end] = [row + begins[query]!, row + ends[query]!];
      if (hidden) probabilities.fill(-Infinity, row + hidden[2 * query]!, row + hidden[2 * query + 1]!);
      let highest = -Infinity;
      for (let at = begin; at < end; at++) highest = Math.max(highest, probabilities[at]! * scale);
      let sum = 0;
      for (let at = begin; at < end; at++) sum += probabilities[at] = Math.exp(probabilities[at]! * scale - highest);
      for (let at = begin; at < end; at++) probabilities[at]! /= sum;
      probabilities.fill(0, row, begin).fill(0, end, row + count);
      this.logSumExp[query] = highest + Math.log(sum);
    }
  }

  /** Fills `scoreGradients`, after `softmax`. */
  private softmaxBackward({ queryCount, count, begins, ends }: Segment, scale: number): void {
    const { probabilities, scoreGradients, stride, size } = this;
    dotRows(this.outGradient, this.values, scoreGradients, { rows: queryCount, begins, ends, size, stride });
    for (let query = 0; query < queryCount; query++) {
      const row = query * stride;
      const [begin, end] = [row + begins[query]!, row + ends[query]!];
      let mean = 0;
      for (let at = begin; at < end; at++) mean += probabilities[at]! * scoreGradients[at]!;
      for (let at = begin; at < end; at++) scoreGradients[at] = probabilities[at]! * (scoreGradients[at]! - mean) * scale;
      scoreGradients.fill(0, row, begin).fill(0, end, row + count);
    }
  }
}

/** Of each key, the first query that sees it and one past the last; neither falls from key to key. */
function queriesOfKeys({ count, queryCount, begins, ends }: Segment): { from: Int32Array; to: Int32Array } {
  const [from, to] = [new Int32Array(count), new Int32Array(count)];
  let [first, last] = [0, 0];
  for (let key = 0; key < count; key++) {
    while (first < queryCount && ends[first]! <= key) first++;
    while (last < queryCount && begins[last]! <= key) last++;
    from[key] = first;
    to[key] = Math.max(first, last);
  }
  return { from, to };
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

/** Adds what `copy` took to where it came from. */
function add(source: Float32Array | Float64Array, rows: Floats, head: number, size: number, first: number, count: number): void {
  for (let row = 0; row < count; row++) {
    const to = (first + row) * rows.stride + rows.offset + head * size;
    for (let column = 0; column < size; column++) rows.values[to + column]! += source[row * size + column]!;
  }
}
