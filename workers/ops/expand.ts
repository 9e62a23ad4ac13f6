import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { matrix, requireEqual, ShapeError, type Dim, type Shape } from '../engine/shape';
import type { StepValues } from '../engine/step';
import type { ExpandAttributes, ExpandLayout } from './attributes';
import { expandKernel } from './expand.kernel';
import { firstInputs, sizes } from './shared/inputs';
import { dropped, multiply } from './shared/matmulReference';
import { columnsOf, dropped as droppedTfjs, scaled } from './shared/tfjsMatmul';

const name = 'expand';

/** From few columns to many: u (R, r), b (N, r) or (r, N) -> drop(scale * u b) (R, N). */
export const expand: OpDefinition<ExpandAttributes> = {
  name,
  kernel: expandKernel,

  inferShape(shapes, { layout }) {
    const [u, b] = firstInputs(shapes, 2, name);
    return [requireExpandable(u, b, layout, name)];
  },

  backward({ graph, node, attributes, gradients: [dy], needs }) {
    const [u, b] = firstInputs(node.inputs, 2, name);
    if (!dy) return [null, null];
    const { layout, scale, dropout, site } = attributes;
    const du = needs[0]
      ? graph.one('project', [dy, b], { ...attributes, layout: layout === 'outRank' ? 'inRank' : 'rankIn' })
      : null;
    if (!needs[1]) return [du, null];
    if (layout !== 'outRank' || dropout !== 0) {
      throw new Error('expand has a gradient for b only with the layout outRank and without dropout.');
    }
    return [du, graph.one('weightGradient', [dy, u], { scale, dropout, site })];
  },

  reference(inputs, shapes, attributes, { step }) {
    const [u, b] = firstInputs(inputs, 2, name);
    const [rows] = sizes(shapes, 0);
    const [first, second] = sizes(shapes, 1);
    return [expandReference(u, b, rows, attributes.layout === 'outRank' ? first : second, attributes, step)];
  },

  tfjs(context, inputs, attributes) {
    const [u, b] = firstInputs(inputs, 2, name);
    return [expandTfjs(context, u, b, attributes)];
  },
};

/** drop(scale * u b), `(rows, columns)`. */
export function expandReference(
  u: Float64Array,
  b: Float64Array,
  rows: number,
  columns: number,
  attributes: ExpandAttributes,
  step: StepValues,
): Float64Array {
  const product = multiply(u, b, rows, rows === 0 ? 0 : u.length / rows, columns, attributes.layout === 'outRank');
  return dropped(
    product.map((value) => value * attributes.scale),
    rows,
    columns,
    attributes,
    step,
  );
}

/** drop(scale * u b), `(rows, columns)`. */
export function expandTfjs(context: TfjsContext, u: tf.Tensor, b: tf.Tensor, attributes: ExpandAttributes): tf.Tensor {
  const { tf } = context;
  const lift = attributes.layout === 'outRank' ? tf.transpose(b) : b;
  const small = columnsOf(lift) < (u.shape[0] ?? 0);
  const product = small
    ? tf.matMul(u, scaled(context, lift, attributes.scale))
    : tf.matMul(scaled(context, u, attributes.scale), lift);
  return droppedTfjs(context, product, attributes);
}

/** The shape of u b; throws a ShapeError that names `what`. */
export function requireExpandable(u: Shape, b: Shape, layout: ExpandLayout, what: string): [rows: Dim, columns: number] {
  const [rows, rank] = matrix(u, `${what}'s narrow input`);
  const [first, second] = matrix(b, `${what}'s widening matrix`);
  const columns = layout === 'outRank' ? first : second;
  requireEqual(rank, layout === 'outRank' ? second : first, 'The columns of the narrow input and the rank', [u, b]);
  if (typeof columns !== 'number') throw new ShapeError(`${what} must widen to a fixed number of columns, not ${columns}.`);
  return [rows, columns];
}
