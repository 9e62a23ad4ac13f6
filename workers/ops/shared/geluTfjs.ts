import type * as tf from '@tensorflow/tfjs-core';
import type { TfjsContext } from '../../engine/op';

// 0.5 (1 + tanh(z)) = sigmoid(2 z), so gelu_new(x) = x sigmoid(x (linear + cubic x^2)).
const linear = 2 * Math.sqrt(2 / Math.PI);
const cubic = linear * 0.044715;

/** gelu_new, elementwise. */
export function geluTfjs({ tf }: TfjsContext, x: tf.Tensor): tf.Tensor {
  const slope = tf.add(tf.mul(tf.square(x), cubic), linear);
  return tf.mul(tf.sigmoid(tf.mul(slope, x)), x);
}

/** dy times gelu_new'(x), elementwise. */
export function geluGradientTfjs({ tf }: TfjsContext, dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const argument = tf.mul(tf.add(tf.mul(tf.square(x), cubic), linear), x);
  const gate = tf.sigmoid(argument);
  // d argument / dx, times x: linear x + 3 cubic x^3 = 3 argument - 2 linear x.
  const slope = tf.sub(tf.mul(argument, 3), tf.mul(x, 2 * linear));
  return tf.mul(tf.mul(tf.add(tf.mul(tf.sub(1, gate), slope), 1), gate), dy);
}
