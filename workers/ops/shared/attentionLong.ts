import type * as tf from '@tensorflow/tfjs-core';
import type { TfjsContext } from '../../engine/op';
import type { Segment } from './segments';

/**
 * One head of one long causal sequence by matrix products of TensorFlow.js: from some 64 rows on, wasm's fast product of
 * two whole matrices beats loops, though it computes the hidden half as well. Numbers go in and out on the host.
 */

/** Rows from which on this is faster than the loops of attentionHost. */
export const longRows = 64;

const hidden = -1e9;

/** One head of a sequence whose every row is a query: `(rows, size)` each, row by row. */
export interface LongHead {
  queries: Float32Array;
  keys: Float32Array;
  values: Float32Array;
  segment: Segment;
  size: number;
  scale: number;
}

/** Output `(rows, size)` and the log of the sum of exponentials `(rows)`. */
export function attendLong(context: TfjsContext, head: LongHead): { out: Float32Array; logSumExp: Float32Array } {
  const { tf } = context;
  const result: ReturnType<typeof attendLong> = { out: head.values, logSumExp: head.values };
  tf.tidy(() => {
    const { scores, probabilities } = softmaxOf(context, head);
    const out = tf.matMul(probabilities, tf.tensor2d(head.values, [head.segment.count, head.size]));
    // Of any visible key, log-sum-exp = score - log probability; that of the likeliest loses nothing.
    const logSumExp = tf.sub(tf.max(scores, 1), tf.log(tf.max(probabilities, 1)));
    result.out = read(context, out);
    result.logSumExp = read(context, logSumExp);
  });
  return result;
}

/** Gradients of queries, keys and values, `(rows, size)` each. */
export function attendLongBackward(
  context: TfjsContext,
  head: LongHead,
  outGradient: Float32Array,
): Pick<LongHead, 'queries' | 'keys' | 'values'> {
  const { tf } = context;
  const { size, scale, segment } = head;
  const rows = segment.count;
  const result: ReturnType<typeof attendLongBackward> = { queries: outGradient, keys: outGradient, values: outGradient };
  tf.tidy(() => {
    const { queries, probabilities } = softmaxOf(context, head);
    const gradient = tf.tensor2d(outGradient, [rows, size]);
    const weighted = tf.mul(probabilities, tf.matMul(gradient, tf.transpose(tf.tensor2d(head.values, [rows, size]))));
    const scores = tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, 1, true)));
    result.queries = read(context, tf.mul(tf.matMul(scores, tf.tensor2d(head.keys, [rows, size])), scale));
    // The queries are scaled already.
    result.keys = read(context, tf.matMul(tf.transpose(scores), queries));
    result.values = read(context, tf.matMul(tf.transpose(probabilities), gradient));
  });
  return result;
}

function softmaxOf(
  context: TfjsContext,
  { queries, keys, segment, size, scale }: LongHead,
): Record<'queries' | 'scores' | 'probabilities', tf.Tensor> {
  const { tf } = context;
  const rows = segment.count;
  const scaled = tf.mul(tf.tensor2d(queries, [rows, size]), scale);
  const products = tf.matMul(scaled, tf.transpose(tf.tensor2d(keys, [rows, size])));
  const scores = tf.add(products, visibility(context, segment));
  return { queries: scaled, scores, probabilities: tf.softmax(scores) };
}

/** 0 where a row sees another, else a large negative number; sequences of one length share it, unless they have branches. */
function visibility({ tf, memo }: TfjsContext, { first, count, begins, ends, hidden: gaps }: Segment): tf.Tensor {
  // All windows of one length begin the last row alike.
  return memo(`visible ${count} ${begins[count - 1]} ${gaps ? first : ''}`, () => {
    const mask = new Float32Array(count * count).fill(hidden);
    for (let row = 0; row < count; row++) {
      mask.fill(0, row * count + begins[row]!, row * count + ends[row]!);
      if (gaps) mask.fill(hidden, row * count + gaps[2 * row]!, row * count + gaps[2 * row + 1]!);
    }
    return tf.tensor2d(mask, [count, count]);
  });
}

function read({ hostView }: TfjsContext, tensor: tf.Tensor): Float32Array {
  const view = hostView(tensor);
  if (!view) throw new Error('Long attention on the host needs a backend whose memory the host can read.');
  return view.slice();
}
