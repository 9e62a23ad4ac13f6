import type * as tf from '@tensorflow/tfjs-core';
import type { TfjsContext } from '../../engine/op';
import { copyColumns, rotaryTurns, rotate } from './rotaryReference';

/** Cosines and sines of the batch's rows, (R, headSize), made once a step. `pooled`: of the rows in pooledRows. */
export function turnsTfjs({ tf, memo, host }: TfjsContext, frequencies: readonly number[], pooled: boolean): tf.Tensor {
  return memo(`rotary ${pooled} ${frequencies.length} ${frequencies.join()}`, () => {
    const turns = rotaryTurns(host('positions'), pooled ? host('pooledRows') : null, frequencies);
    return tf.tensor2d(Float32Array.from(turns), [turns.length / (2 * frequencies.length), 2 * frequencies.length]);
  });
}

/** x (R, heads headSize), turned. A host that can read the tensor does it by itself: the wasm backend's slices are slow. */
export function rotatedTfjs(context: TfjsContext, x: tf.Tensor, turns: tf.Tensor, direction: 1 | -1): tf.Tensor {
  const { tf, hostView } = context;
  const [rows = 0, width = 0] = x.shape;
  const headSize = turns.shape[1] ?? 0;
  const [values, numbers] = [hostView(x), hostView(turns)];
  if (values && numbers) {
    const out = new Float32Array(rows * width);
    const [from, to] = [values, out].map((held) => ({ values: held, stride: width, offset: 0 }));
    if (from && to) rotate(from, to, width / headSize, numbers, headSize, direction);
    return tf.tensor2d(out, [rows, width]);
  }
  const [a, b] = tf.split(tf.reshape(x, [rows, width / headSize, headSize]), 2, 2);
  const [cosine, sine] = tf.split(tf.reshape(turns, [rows, 1, headSize]), 2, 2);
  if (!a || !b || !cosine || !sine) throw new Error('A head did not fall into halves.');
  const turned = direction > 0 ? sine : tf.neg(sine);
  const first = tf.sub(tf.mul(a, cosine), tf.mul(b, turned));
  const second = tf.add(tf.mul(b, cosine), tf.mul(a, turned));
  return tf.reshape(tf.concat([first, second], 2), [rows, width]);
}

/** Matrices side by side. */
export function joinedTfjs({ tf, hostView }: TfjsContext, parts: readonly tf.Tensor[]): tf.Tensor {
  const [first, second] = parts;
  if (first && !second) return first;
  const rows = first?.shape[0] ?? 0;
  const stride = parts.reduce((sum, part) => sum + (part.shape[1] ?? 0), 0);
  const views = parts.map((part) => hostView(part));
  if (!views.every((view) => view !== null)) return tf.concat([...parts], 1);
  const out = new Float32Array(rows * stride);
  let offset = 0;
  for (const values of views) {
    const width = values.length / rows;
    copyColumns({ values, stride: width, offset: 0 }, { values: out, stride, offset }, rows, width);
    offset += width;
  }
  return tf.tensor2d(out, [rows, stride]);
}

/** Some columns of a matrix. */
export function columnsTfjs({ tf, hostView }: TfjsContext, x: tf.Tensor, offset: number, width: number): tf.Tensor {
  const [rows = 0, stride = 0] = x.shape;
  const values = hostView(x);
  if (!values) return tf.slice(x, [0, offset], [rows, width]);
  const out = new Float32Array(rows * width);
  copyColumns({ values, stride, offset }, { values: out, stride: width, offset: 0 }, rows, width);
  return tf.tensor2d(out, [rows, width]);
}
