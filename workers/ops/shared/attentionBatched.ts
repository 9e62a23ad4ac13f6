import type * as tf from '@tensorflow/tfjs-core';
import type { TfjsContext } from '../../engine/op';
import type { Segment } from './segments';

/**
 * Attention as batched tensor operations on right-padded sequences, for a TensorFlow.js backend whose memory the host
 * cannot read (webgpu). One gather pads, splits the heads and puts them first: the packed rows are seen as rows of one
 * head each, and the indices are made on the host.
 */
export interface BatchedAttention {
  /** Tells apart, within a step, attentions that differ in their queries or in what these see. */
  name: string;
  /** `(query rows, heads * size)`, or a wider matrix of which `queryOffset` heads come before. */
  queries: HeadColumns;
  keys: HeadColumns;
  values: HeadColumns;
  segments: readonly Segment[];
  heads: number;
  /** Each serves `heads / kvHeads` heads of queries, one after another. */
  kvHeads: number;
  size: number;
  scale: number;
}

/** Some heads of a packed matrix: heads `firstHead` on. */
export interface HeadColumns {
  tensor: tf.Tensor;
  firstHead: number;
}

const hidden = -1e9;

/** The output `(query rows, heads * size)` and the log of the sum of exponentials `(query rows, heads)`. */
export function attentionBatched(context: TfjsContext, attention: BatchedAttention, queryRows: number): [tf.Tensor, tf.Tensor] {
  const { tf } = context;
  const { heads, size } = attention;
  const { scores, probabilities, values } = softmaxOf(context, attention);
  const out = queriesBack(context, attention, tf.matMul(probabilities, values), queryRows, size);
  // Of any visible key, log-sum-exp = score - log probability; that of the likeliest loses nothing.
  const logSumExp = tf.sub(tf.max(scores, 2), tf.log(tf.max(probabilities, 2)));
  return [
    tf.reshape(out, [queryRows, heads * size]),
    tf.reshape(queriesBack(context, attention, logSumExp, queryRows, 1), [queryRows, heads]),
  ];
}

/** The gradients of queries `(query rows, heads * size)`, keys and values `(rows, kvHeads * size)`. */
export function attentionGradientBatched(
  context: TfjsContext,
  attention: BatchedAttention,
  outGradient: tf.Tensor,
  queryRows: number,
  rows: number,
): { queries: tf.Tensor; keys: tf.Tensor; values: tf.Tensor } {
  const { tf } = context;
  const { heads, size, scale } = attention;
  const { queries, keys, values, probabilities } = softmaxOf(context, attention);
  const padded = tf.mul(
    paddedQueries(context, attention, { tensor: outGradient, firstHead: 0 }),
    realQueries(context, attention),
  );
  const weighted = tf.mul(probabilities, tf.matMul(padded, values, false, true));
  const scoreGradients = tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, 2, true)));
  const ownQueries = tf.mul(tf.matMul(scoreGradients, keys), scale);
  return {
    queries: tf.reshape(queriesBack(context, attention, ownQueries, queryRows, size), [queryRows, heads * size]),
    // The queries are scaled already.
    keys: keysBack(context, attention, tf.matMul(scoreGradients, queries, true), rows),
    values: keysBack(context, attention, tf.matMul(probabilities, padded, true), rows),
  };
}

/** Padded and split into heads: `(sequences * heads, longest, size)`, scores `(sequences * heads, queries, keys)`. */
function softmaxOf(
  context: TfjsContext,
  attention: BatchedAttention,
): Record<'queries' | 'keys' | 'values' | 'scores' | 'probabilities', tf.Tensor> {
  const { tf } = context;
  const queries = tf.mul(paddedQueries(context, attention, attention.queries), attention.scale);
  const keys = paddedKeys(context, attention, attention.keys);
  const values = paddedKeys(context, attention, attention.values);
  const scores = tf.add(tf.matMul(queries, keys, false, true), visibility(context, attention));
  return { queries, keys, values, scores, probabilities: tf.softmax(scores) };
}

function longest({ segments }: BatchedAttention, count: 'count' | 'queryCount'): number {
  return Math.max(...segments.map((segment) => segment[count]));
}

/** For telling apart what several attentions of one step share. */
function key(what: string, attention: BatchedAttention): string {
  const { name, heads, kvHeads } = attention;
  return `${what} ${name} ${heads} ${kvHeads} ${longest(attention, 'queryCount')} ${longest(attention, 'count')}`;
}

function paddedQueries(context: TfjsContext, attention: BatchedAttention, columns: HeadColumns): tf.Tensor {
  return padded(context, attention, columns, 'queryCount');
}

function paddedKeys(context: TfjsContext, attention: BatchedAttention, columns: HeadColumns): tf.Tensor {
  return padded(context, attention, columns, 'count');
}

function padded(
  context: TfjsContext,
  attention: BatchedAttention,
  columns: HeadColumns,
  count: 'count' | 'queryCount',
): tf.Tensor {
  const { tf, memo } = context;
  const { segments, heads, kvHeads, size } = attention;
  const { tensor, firstHead } = columns;
  const isKeys = count === 'count';
  const rowCount = tensor.shape[0] ?? 0;
  const sharing = isKeys ? heads / kvHeads : 1;
  const length = longest(attention, count);
  const slots = (tensor.shape[1] ?? 0) / size;
  const indices = memo(key(`attention pad ${count} ${slots} ${firstHead}`, attention), () => {
    const rows = segments.flatMap((segment) => {
      const first = isKeys ? segment.first : segment.firstQuery;
      // Rows past the end repeat another: their numbers are finite, and nothing of them is kept.
      const last = Math.min(rowCount, first + Math.max(1, segment[count])) - 1;
      const places = Array.from({ length }, (_, place) => Math.min(first + place, last));
      const columnOf = (head: number): number => firstHead + Math.floor(head / sharing);
      return Array.from({ length: heads }, (_, head) => places.map((row) => row * slots + columnOf(head))).flat();
    });
    return tf.tensor1d(rows, 'int32');
  });
  const heads2d = tf.reshape(tensor, [-1, size]);
  return tf.reshape(tf.gather(heads2d, indices as tf.Tensor1D), [segments.length * heads, length, size]);
}

/** From (sequences * heads, longest, size) to packed rows of heads, `(rows * heads, size)`; of keys, as many heads as these have. */
function unpadded(
  context: TfjsContext,
  attention: BatchedAttention,
  values: tf.Tensor,
  rows: number,
  size: number,
  count: 'count' | 'queryCount',
): tf.Tensor {
  const { tf, memo } = context;
  const { segments } = attention;
  const heads = count === 'count' ? attention.kvHeads : attention.heads;
  const length = longest(attention, count);
  const indices = memo(key(`attention unpad ${count}`, attention), () => {
    const places = new Int32Array(rows * heads);
    segments.forEach((segment, index) => {
      const first = count === 'count' ? segment.first : segment.firstQuery;
      for (let row = 0; row < segment[count]; row++) {
        for (let head = 0; head < heads; head++) places[(first + row) * heads + head] = (index * heads + head) * length + row;
      }
    });
    return tf.tensor1d(places, 'int32');
  });
  return tf.gather(tf.reshape(values, [-1, size]), indices as tf.Tensor1D);
}

function queriesBack(
  context: TfjsContext,
  attention: BatchedAttention,
  values: tf.Tensor,
  rows: number,
  size: number,
): tf.Tensor {
  return unpadded(context, attention, values, rows, size, 'queryCount');
}

function keysBack(context: TfjsContext, attention: BatchedAttention, values: tf.Tensor, rows: number): tf.Tensor {
  const { tf } = context;
  const { segments, heads, kvHeads, size } = attention;
  const shared = tf.reshape(values, [segments.length * kvHeads, heads / kvHeads, longest(attention, 'count') * size]);
  return tf.reshape(unpadded(context, attention, tf.sum(shared, 1), rows, size, 'count'), [rows, kvHeads * size]);
}

/** 0 where a query sees a key, else a large negative number: `(sequences * heads, queries, keys)`. */
function visibility(context: TfjsContext, attention: BatchedAttention): tf.Tensor {
  const { tf, memo } = context;
  const { segments, heads } = attention;
  const queries = longest(attention, 'queryCount');
  const keys = longest(attention, 'count');
  return memo(key('attention visibility', attention), () => {
    const mask = new Float32Array(segments.length * heads * queries * keys).fill(hidden);
    segments.forEach((segment, index) => {
      for (let line = 0; line < heads * queries; line++) {
        markVisible(mask, (index * heads * queries + line) * keys, segment, line % queries);
      }
    });
    return tf.tensor3d(mask, [segments.length * heads, queries, keys]);
  });
}

/** Padding sees the first key. */
function markVisible(mask: Float32Array, line: number, { queryCount, begins, ends, hidden: gaps }: Segment, query: number): void {
  if (query >= queryCount) {
    mask[line] = 0;
    return;
  }
  mask.fill(0, line + begins[query]!, line + ends[query]!);
  if (gaps) mask.fill(hidden, line + gaps[2 * query]!, line + gaps[2 * query + 1]!);
}

/** 1 for a query, 0 for padding: `(sequences * heads, queries, 1)`. */
function realQueries(context: TfjsContext, attention: BatchedAttention): tf.Tensor {
  const { tf, memo } = context;
  const { segments, heads } = attention;
  const length = longest(attention, 'queryCount');
  return memo(key('attention queries', attention), () => {
    const real = new Float32Array(segments.length * heads * length);
    segments.forEach(({ queryCount }, index) => {
      for (let head = 0; head < heads; head++) {
        const begin = (index * heads + head) * length;
        real.fill(1, begin, begin + queryCount);
      }
    });
    return tf.tensor3d(real, [segments.length * heads, length, 1]);
  });
}
