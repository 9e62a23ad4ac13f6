import type * as tf from '@tensorflow/tfjs-core';
import { dropoutMask } from '../../engine/dropout';
import type { TfjsContext } from '../../engine/op';
import type { Dropout } from '../attributes';

export function rowsOf(tensor: tf.Tensor): number {
  return tensor.shape[0] ?? 0;
}

export function columnsOf(tensor: tf.Tensor): number {
  return tensor.shape[1] ?? 0;
}

/** The tensor times this step's mask for the site; every node that uses the site in this step shares the mask. */
export function dropped({ memo, step, tf }: TfjsContext, tensor: tf.Tensor, { dropout, site }: Dropout): tf.Tensor {
  if (dropout === 0) return tensor;
  const rows = rowsOf(tensor);
  const columns = columnsOf(tensor);
  const mask = memo(`dropout ${site} ${dropout} ${rows} ${columns}`, () =>
    tf.tensor2d(dropoutMask(step.dropoutSeed, site, dropout, rows, columns), [rows, columns]),
  );
  return tf.mul(tensor, mask);
}

export function scaled({ tf }: TfjsContext, tensor: tf.Tensor, scale: number): tf.Tensor {
  return scale === 1 ? tensor : tf.mul(tensor, scale);
}
