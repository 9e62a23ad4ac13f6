import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual, ShapeError } from '../engine/shape';
import type { ProjectAttributes } from './attributes';
import { projectKernel } from './project.kernel';
import { firstInputs, sizes } from './shared/inputs';
import { dropped, multiply } from './shared/matmulReference';
import { dropped as droppedTfjs, scaled } from './shared/tfjsMatmul';
import { narrowChoice } from './shared/sums';

const name = 'project';

/** From many columns to few: x (R, K), a (r, K) or (K, r) -> scale * drop(x) a (R, r). */
export const project: OpDefinition<ProjectAttributes> = {
  name,
  kernel: projectKernel,
  choices: [narrowChoice],
  halves: { inputs: [0], outputs: [], multiplied: [0] },

  inferShape(shapes, { layout }) {
    const [x, a] = firstInputs(shapes, 2, name);
    const [rows, inner] = matrix(x, 'project x');
    const [first, second] = matrix(a, 'project a');
    requireEqual(inner, layout === 'rankIn' ? second : first, 'The width of x and the inner size of a', [...shapes]);
    const rank = layout === 'rankIn' ? first : second;
    if (typeof rank !== 'number') throw new ShapeError(`project a must have a fixed rank, not ${rank}.`);
    return [[rows, rank]];
  },

  backward({ graph, node, attributes, gradients: [du], needs }) {
    const [x, a] = firstInputs(node.inputs, 2, name);
    if (!du) return [null, null];
    const { layout, scale, dropout, site } = attributes;
    const dx = needs[0]
      ? graph.one('expand', [du, a], { ...attributes, layout: layout === 'rankIn' ? 'rankOut' : 'outRank' })
      : null;
    if (!needs[1]) return [dx, null];
    if (layout !== 'rankIn') throw new Error('project has a gradient for a only with the layout rankIn.');
    return [dx, graph.one('weightGradient', [du, x], { scale, dropout, site })];
  },

  reference(inputs, shapes, attributes, { step }) {
    const [x, a] = firstInputs(inputs, 2, name);
    const [rows, inner] = sizes(shapes, 0);
    const [first, second] = sizes(shapes, 1);
    const rankIn = attributes.layout === 'rankIn';
    const product = multiply(dropped(x, rows, inner, attributes, step), a, rows, inner, rankIn ? first : second, rankIn);
    return [product.map((value) => value * attributes.scale)];
  },

  tfjs(context, inputs, attributes) {
    const { tf } = context;
    const [x, a] = firstInputs(inputs, 2, name);
    const narrow = attributes.layout === 'rankIn' ? tf.transpose(a) : a;
    return [scaled(context, tf.matMul(droppedTfjs(context, x, attributes), narrow), attributes.scale)];
  },
};
