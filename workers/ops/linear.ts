import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { matrix, requireEqual, ShapeError, type Shape } from '../engine/shape';
import type { LinearAttributes } from './attributes';
import { expandReference, expandTfjs, requireExpandable } from './expand';
import { linearKernel, narrowestLinear } from './linear.kernel';
import { geluNew, geluNewDerivative } from './shared/geluReference';
import { geluGradientTfjs, geluTfjs } from './shared/geluTfjs';
import { firstInputs, optionalInput, requireFrozen, sizes, vector } from './shared/inputs';
import { matmulChoices } from './shared/matmul/variants';
import { multiply } from './shared/matmulReference';
import { narrowChoice } from './shared/sums';

const name = 'linear';

/**
 * x (R, K), weight (K, N) or (N, K) when `transposed`, bias? (N), low? (R, r), lift?, pre? (R, N) -> y (R, N): x times the
 * weight, plus the bias, plus drop(scale * low lift), then the activation: gelu gives y = gelu(pre) and pre; geluGradient
 * multiplies by gelu'(the input pre).
 */
export const linear: OpDefinition<LinearAttributes> = {
  name,
  kernel: linearKernel,
  choices: [...matmulChoices, narrowChoice],
  halves: { inputs: [0, 5], outputs: [0, 1], multiplied: [0], fits: (shapes, attributes) => !isNarrow(shapes, attributes) },

  inferShape(shapes, { transposed, lora, activation }) {
    const [x, weight] = firstInputs(shapes, 2, name);
    const [rows, inner] = matrix(x, 'linear x');
    const [first, second] = weightSizes(weight);
    const columns = transposed ? first : second;
    requireEqual(inner, transposed ? second : first, 'The width of x and the inner size of the weight', [...shapes]);
    const out: Shape = [rows, columns];
    const bias = optionalInput(shapes, 2);
    if (bias) requireEqual(columns, vector(bias, 'linear bias'), "The weight's columns and the length of bias", [...shapes]);
    requireLora(shapes, lora, out);
    requirePre(shapes, activation, out);
    return activation === 'gelu' ? [out, out] : [out];
  },

  backward({ graph, node, attributes, gradients: [dy], needs }) {
    requireFrozen(needs, [3, 4, 5], name);
    if (attributes.lora || attributes.activation !== 'none') {
      throw new Error('A fused linear has no gradient of its own: fuse after differentiation.');
    }
    const [x, weight] = firstInputs(node.inputs, 2, name);
    if (!dy) return [null];
    const { transposed } = attributes;
    return [
      needs[0] ? graph.one(name, [dy, weight], { ...attributes, transposed: !transposed }) : null,
      needs[1] ? graph.one('weightGradient', transposed ? [dy, x] : [x, dy], { scale: 1, dropout: 0, site: 0 }) : null,
      needs[2] ? graph.one('columnSums', [dy]) : null,
    ];
  },

  reference(inputs, shapes, { transposed, lora, activation }, { step }) {
    const [x, weight] = firstInputs(inputs, 2, name);
    const [bias, low, lift, pre] = [2, 3, 4, 5].map((index) => optionalInput(inputs, index));
    const [rows, inner] = sizes(shapes, 0);
    const [first, second] = sizes(shapes, 1);
    const columns = transposed ? first : second;
    let sum = multiply(x, weight, rows, inner, columns, transposed);
    if (bias) sum = sum.map((value, index) => value + bias[index % columns]!);
    if (lora && low && lift) {
      const lifted = expandReference(low, lift, rows, columns, lora, step);
      sum = sum.map((value, index) => value + lifted[index]!);
    }
    if (activation === 'gelu') return [sum.map(geluNew), sum];
    if (activation === 'geluGradient' && pre) return [sum.map((value, index) => value * geluNewDerivative(pre[index]!))];
    return [sum];
  },

  tfjs(context, inputs, { transposed, lora, activation }) {
    const [x, weight] = firstInputs(inputs, 2, name);
    const [bias, low, lift, pre] = [2, 3, 4, 5].map((index) => optionalInput(inputs, index));
    let sum = affine(context, x, transposed ? context.transposed(weight) : weight, bias ?? null);
    if (lora && low && lift) sum = context.tf.add(sum, expandTfjs(context, low, lift, lora));
    if (activation === 'gelu') return [geluTfjs(context, sum), sum];
    if (activation === 'geluGradient' && pre) return [geluGradientTfjs(context, sum, pre)];
    return [sum];
  },
};

/** Few columns and nothing but a product: the kernel for those writes one number at a time. */
function isNarrow(shapes: readonly (Shape | null)[], { transposed, lora, activation }: LinearAttributes): boolean {
  const columns = Number(shapes[1]?.[transposed ? 0 : 1]);
  return columns <= narrowestLinear && !lora && activation === 'none';
}

function affine({ tf }: TfjsContext, x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null): tf.Tensor {
  return bias ? tf.fused.matMul({ a: x as tf.Tensor2D, b: weight as tf.Tensor2D, bias }) : tf.matMul(x, weight);
}

function weightSizes(weight: Shape): [number, number] {
  const [first, second] = matrix(weight, 'linear weight');
  if (typeof first !== 'number') throw new ShapeError(`linear weight must have a fixed number of rows, not ${first}.`);
  return [first, second];
}

function requireLora(shapes: readonly (Shape | null)[], lora: LinearAttributes['lora'], out: Shape): void {
  const low = optionalInput(shapes, 3);
  const lift = optionalInput(shapes, 4);
  if (!lora && !low && !lift) return;
  if (!lora || !low || !lift) {
    throw new ShapeError('linear needs the attribute lora and the inputs low and lift together, or none of them.');
  }
  const [rows, columns] = requireExpandable(low, lift, lora.layout, 'linear');
  requireEqual(out[0], rows, 'The rows of x and low', [...shapes]);
  requireEqual(out[1], columns, 'The columns of the weight and of lift', [...shapes]);
}

function requirePre(shapes: readonly (Shape | null)[], activation: LinearAttributes['activation'], out: Shape): void {
  const pre = optionalInput(shapes, 5);
  if ((activation === 'geluGradient') !== (pre !== null)) {
    throw new ShapeError(`linear takes the input pre with the activation geluGradient and only then; this one is ${activation}.`);
  }
  if (!pre) return;
  const [rows, columns] = matrix(pre, 'linear pre');
  requireEqual(out[0], rows, 'The rows of x and pre', [...shapes]);
  requireEqual(out[1], columns, 'The columns of the weight and of pre', [...shapes]);
}
