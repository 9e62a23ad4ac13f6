import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { matrix, requireEqual, type Shape } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { crossEntropyGradientKernel } from './crossEntropyGradient.kernel';
import { firstInputs, optionalInput, requireLossScale, sizes, vector } from './shared/inputs';
import { sumsChoice } from './shared/sums';

const name = 'crossEntropyGradient';

/**
 * logits (S, L), labels (S), lossScale? (4), targetWeights? (S) -> lossWeight * targetWeight * (softmax(logits) - onehot(labels))
 * (S, L), times the loss scale.
 */
export const crossEntropyGradient: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: crossEntropyGradientKernel,
  choices: [sumsChoice],

  inferShape(shapes) {
    requireLossScale(shapes, 2, name);
    requireTargetWeights(shapes, 3, name);
    return [requireLogits(shapes, name)];
  },

  reference(inputs, shapes, _, { step }) {
    const [logits, labels] = firstInputs(inputs, 2, name);
    const [rows, classes] = sizes(shapes, 0);
    const scaled = step.lossWeight * (optionalInput(inputs, 2)?.[0] ?? 1);
    const targetWeights = optionalInput(inputs, 3);
    const gradient = new Float64Array(rows * classes);
    for (let row = 0; row < rows; row++) {
      const weight = scaled * (targetWeights?.[row] ?? 1);
      const own = logits.subarray(row * classes, (row + 1) * classes);
      const highest = Math.max(...own);
      const sum = own.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      own.forEach((logit, label) => {
        const share = Math.exp(logit - highest) / sum;
        gradient[row * classes + label] = weight * (share - (label === labels[row] ? 1 : 0));
      });
    }
    return [gradient];
  },

  tfjs(context, inputs) {
    const { tf, step } = context;
    const [logits] = firstInputs(inputs, 1, name);
    const plain = tf.mul(tf.sub(tf.softmax(logits), targetsTfjs(context, logits)), step.lossWeight);
    const [lossScale, targetWeights] = [optionalInput(inputs, 2), optionalInput(inputs, 3)];
    const gradient = targetWeights ? tf.mul(plain, tf.reshape(targetWeights, [-1, 1])) : plain;
    return [lossScale ? tf.mul(gradient, tf.slice(lossScale, 0, 1)) : gradient];
  },
};

/** 1 at each text's label, else 0, `(texts, labels)`. Made on the host: the wasm backend's oneHot (4.22) gives wrong numbers for floats. */
export function targetsTfjs({ tf, host, memo }: TfjsContext, logits: tf.Tensor): tf.Tensor {
  const [rows = 0, classes = 0] = logits.shape;
  return memo(`targets ${rows} ${classes}`, () => {
    const targets = new Float32Array(rows * classes);
    host('labels').forEach((label, row) => (targets[row * classes + label] = 1));
    return tf.tensor2d(targets, [rows, classes]);
  });
}

/** The shape of the logits; throws a ShapeError where the labels do not fit them. */
export function requireLogits(shapes: readonly (Shape | null)[], op: string): Shape {
  const [logits, labels] = firstInputs(shapes, 2, op);
  const [rows] = matrix(logits, `${op} logits`);
  requireEqual(rows, vector(labels, `${op} labels`), 'The rows of logits and the length of labels', [...shapes]);
  return logits;
}

/** Throws a ShapeError where optional weights, at this index, are not one a text. */
export function requireTargetWeights(shapes: readonly (Shape | null)[], index: number, op: string): void {
  const weights = optionalInput(shapes, index);
  if (!weights) return;
  const [labels] = shapes.slice(1);
  const [count, texts] = [vector(weights, `${op} targetWeights`), vector(labels, `${op} labels`)];
  requireEqual(count, texts, 'The lengths of targetWeights and labels', [...shapes]);
}
