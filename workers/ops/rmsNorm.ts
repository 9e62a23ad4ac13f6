import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { RmsNormAttributes } from './attributes';
import { rmsNormKernel } from './rmsNorm.kernel';
import { firstInputs, optionalInput, requireFrozen, sizes, vector } from './shared/inputs';
import { sumsChoice } from './shared/sums';

const name = 'rmsNorm';

/**
 * x (R, C), weight (C), residual? (R, C) -> y (R, C) = weight x scale, stats (R, 1) = scale = 1 / sqrt(mean(x^2) + epsilon);
 * with a residual also sum = x + residual, and y is the norm of the sum. Zhang & Sennrich 2019.
 */
export const rmsNorm: OpDefinition<RmsNormAttributes> = {
  name,
  kernel: rmsNormKernel,
  choices: [sumsChoice],
  halves: { inputs: [0, 2], outputs: [0] },

  inferShape(shapes) {
    const [x, weight] = firstInputs(shapes, 2, name);
    const [rows, width] = matrix(x, 'rmsNorm x');
    requireEqual(width, vector(weight, 'rmsNorm weight'), 'The width of x and the length of weight', [...shapes]);
    const residual = optionalInput(shapes, 2);
    if (!residual) return [x, [rows, 1]];
    const [residualRows, residualWidth] = matrix(residual, 'rmsNorm residual');
    requireEqual(rows, residualRows, 'The rows of x and residual', [...shapes]);
    requireEqual(width, residualWidth, 'The widths of x and residual', [...shapes]);
    return [x, [rows, 1], x];
  },

  backward({ graph, node, gradients, needs }) {
    requireFrozen(needs, [2], name);
    const [x, weight] = firstInputs(node.inputs, 2, name);
    const [dy] = gradients;
    const [, stats] = node.outputs;
    if (!dy || !stats) return [null];
    return [
      needs[0] ? graph.one('rmsNormGradient', [dy, x, weight, stats], { copied: false }) : null,
      needs[1] ? graph.one('columnSums', [dy, x, stats]) : null,
    ];
  },

  reference(inputs, shapes, { epsilon }) {
    const [x, weight] = firstInputs(inputs, 2, name);
    const residual = optionalInput(inputs, 2);
    const [rows, width] = sizes(shapes, 0);
    const sum = residual ? x.map((value, index) => value + residual[index]!) : x;
    const y = new Float64Array(rows * width);
    const stats = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const begin = row * width;
      let squares = 0;
      for (let column = 0; column < width; column++) squares += sum[begin + column]! ** 2;
      const scale = 1 / Math.sqrt(squares / width + epsilon);
      for (let column = 0; column < width; column++) y[begin + column] = weight[column]! * sum[begin + column]! * scale;
      stats[row] = scale;
    }
    return residual ? [y, stats, sum] : [y, stats];
  },

  tfjs({ tf }, inputs, { epsilon }) {
    const [x, weight] = firstInputs(inputs, 2, name);
    const residual = optionalInput(inputs, 2);
    const sum = residual ? tf.add(x, residual) : x;
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(sum), 1, true), epsilon));
    const y = tf.mul(tf.mul(sum, scale), weight);
    return residual ? [y, scale, sum] : [y, scale];
  },
};
