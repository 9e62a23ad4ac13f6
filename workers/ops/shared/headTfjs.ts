import type * as tf from '@tensorflow/tfjs-core';
import type { TfjsContext } from '../../engine/op';

/** Logits that exist at a time: 32 MB. */
const mostLogits = 8 * 1024 * 1024;

export interface TargetPart {
  /** `(count, V)` */
  logits: tf.Tensor;
  /** The part's rows of hidden. */
  first: number;
  count: number;
}

/**
 * Calls `body` with the logits hidden (R, C) head^T of some rows after others; returns all that it kept. Here it is rows that
 * come in parts, because a slice of the head would be a copy.
 */
export function targetParts(
  { tf, transposed }: TfjsContext,
  hidden: tf.Tensor,
  head: tf.Tensor,
  body: (part: TargetPart) => tf.Tensor[],
): tf.Tensor[] {
  const [rows = 0, width = 0] = hidden.shape;
  const [entries = 1] = head.shape;
  const perPart = Math.max(1, Math.floor(mostLogits / entries));
  return Array.from({ length: Math.ceil(rows / perPart) }, (_, index) => {
    const first = index * perPart;
    const count = Math.min(perPart, rows - first);
    return tf.tidy(() => {
      const own = count === rows ? hidden : tf.slice(hidden, [first, 0], [count, width]);
      return body({ logits: tf.matMul(own, transposed(head)), first, count });
    });
  }).flat();
}
