import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { LayerNormAttributes } from './attributes';
import { layerNormKernel } from './layerNorm.kernel';
import { firstInputs, optionalInput, requireFrozen, sizes, vector } from './shared/inputs';
import { sumsChoice } from './shared/sums';

const name = 'layerNorm';

/**
 * x (R, C), weight (C), bias (C), residual? (R, C) -> y (R, C), stats (R, 2) = mean and 1 / sqrt(variance + epsilon), the
 * variance biased; with a residual also sum = x + residual, and y is the norm of the sum.
 */
export const layerNorm: OpDefinition<LayerNormAttributes> = {
  name,
  kernel: layerNormKernel,
  choices: [sumsChoice],
  halves: { inputs: [0, 3], outputs: [0] },

  inferShape(shapes) {
    const [x, weight, bias] = firstInputs(shapes, 3, name);
    const [rows, width] = matrix(x, 'layerNorm x');
    requireEqual(width, vector(weight, 'layerNorm weight'), 'The width of x and the length of weight', [...shapes]);
    requireEqual(width, vector(bias, 'layerNorm bias'), 'The width of x and the length of bias', [...shapes]);
    const residual = optionalInput(shapes, 3);
    if (!residual) return [x, [rows, 2]];
    const [residualRows, residualWidth] = matrix(residual, 'layerNorm residual');
    requireEqual(rows, residualRows, 'The rows of x and residual', [...shapes]);
    requireEqual(width, residualWidth, 'The widths of x and residual', [...shapes]);
    return [x, [rows, 2], x];
  },

  backward({ graph, node, gradients, needs }) {
    requireFrozen(needs, [3], name);
    const [x, weight] = firstInputs(node.inputs, 2, name);
    const [dy] = gradients;
    const [, stats] = node.outputs;
    if (!dy || !stats) return [null];
    return [
      needs[0] ? graph.one('layerNormGradient', [dy, x, weight, stats], { copied: false }) : null,
      needs[1] ? graph.one('columnSums', [dy, x, stats]) : null,
      needs[2] ? graph.one('columnSums', [dy]) : null,
    ];
  },

  reference(inputs, shapes, { epsilon }) {
    const [x, weight, bias] = firstInputs(inputs, 3, name);
    const residual = optionalInput(inputs, 3);
    const [rows, width] = sizes(shapes, 0);
    const sum = residual ? x.map((value, index) => value + residual[index]!) : x;
    const y = new Float64Array(rows * width);
    const stats = new Float64Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const begin = row * width;
      let mean = 0;
      for (let column = 0; column < width; column++) mean += sum[begin + column]! / width;
      let variance = 0;
      for (let column = 0; column < width; column++) variance += (sum[begin + column]! - mean) ** 2 / width;
      const inverse = 1 / Math.sqrt(variance + epsilon);
      for (let column = 0; column < width; column++) {
        y[begin + column] = (sum[begin + column]! - mean) * inverse * weight[column]! + bias[column]!;
      }
      stats[row * 2] = mean;
      stats[row * 2 + 1] = inverse;
    }
    return residual ? [y, stats, sum] : [y, stats];
  },

  tfjs(context, inputs, { epsilon }) {
    const { tf } = context;
    const [x, weight, bias] = firstInputs(inputs, 3, name);
    const residual = optionalInput(inputs, 3);
    const sum = residual ? tf.add(x, residual) : x;
    const mean = rowMeans(context, sum);
    const centred = tf.sub(sum, mean);
    const inverse = tf.rsqrt(tf.add(rowMeans(context, tf.square(centred)), epsilon));
    const y = tf.add(tf.mul(tf.mul(centred, inverse), weight), bias);
    const stats = tf.concat([mean, inverse], 1);
    return residual ? [y, stats, sum] : [y, stats];
  },
};

/** (R, C) -> (R, 1). */
function rowMeans({ tf }: TfjsContext, x: tf.Tensor): tf.Tensor {
  return tf.mean(x, 1, true);
}
