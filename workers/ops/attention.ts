import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition } from '../engine/op';
import { matrix, type Dim, type Shape } from '../engine/shape';
import { attentionKernel } from './attention.kernel';
import type { AttentionAttributes } from './attributes';
import { attentionBatched, type BatchedAttention } from './shared/attentionBatched';
import { attentionHost } from './shared/attentionHost';
import { attentionForwardChoice } from './shared/attentionKernels';
import { attentionReference, type PackedAttention } from './shared/attentionReference';
import { headSizeOf, headsInFours, requireAttention, requireBranches, requireSegments } from './shared/attentionShapes';
import { firstInputs, optionalInput } from './shared/inputs';
import { causalSegments, type Segment } from './shared/segments';

const name = 'attention';

/**
 * Causal attention within each packed sequence: qkv (T, (heads + 2 kvHeads) size), columns q | k | v, segmentOffsets (S + 1),
 * rowSegments (T), rowBranches? (T, 2) -> out (T, heads size) and logSumExp (T, heads), the log of each query's sum of
 * exponentials of scaled scores. rowBranches, forward only: the row at which the sequence's shared prefix ends and that at which
 * the row's own branch starts; what lies between is hidden from it.
 */
export const attention: OpDefinition<AttentionAttributes> = {
  name,
  kernel: attentionKernel,
  choices: [attentionForwardChoice],
  halves: { inputs: [0], outputs: [0], fits: ([qkv], attributes) => headsInFours(qkv, partsOf(attributes)) },

  inferShape(shapes, attributes) {
    const [qkv, segmentOffsets, rowSegments] = firstInputs(shapes, 3, name);
    const [rows, size] = requireQkv(qkv, attributes, name);
    requireSegments(segmentOffsets, rowSegments, rows, name);
    requireBranches(optionalInput(shapes, 3), rows, attributes, name);
    return [
      [rows, attributes.heads * size],
      [rows, attributes.heads],
    ];
  },

  backward({ graph, node, attributes, gradients: [dout] }) {
    const [qkv, ...segments] = firstInputs(node.inputs, 3, name);
    const [out, logSumExp] = firstInputs(node.outputs, 2, name);
    if (optionalInput(node.inputs, 3)) throw new Error('attention with branches has no gradient; it is for scoring.');
    return [dout ? graph.one('attentionGradient', [dout, out, logSumExp, qkv, ...segments], attributes) : null];
  },

  reference(inputs, shapes, attributes) {
    const [qkv, segmentOffsets] = firstInputs(inputs, 2, name);
    const [rows = 0, columns = 0] = shapes[0] ?? [];
    const segments = causalSegments(segmentOffsets, { ...attributes, rowBranches: optionalInput(inputs, 3) });
    return attentionReference(packedQkv(qkv, columns, segments, attributes), rows);
  },

  tfjs(context, inputs, attributes) {
    const { tf, host, hostView } = context;
    const [qkv] = firstInputs(inputs, 1, name);
    const [rows = 0, columns = 0] = qkv.shape;
    const rowBranches = optionalInput(inputs, 3) ? host('rowBranches') : null;
    const segments = causalSegments(host('segmentOffsets'), { ...attributes, rowBranches });
    // Copied, because the products of long sequences make tensors, which may move the memory under a view.
    const values = hostView(qkv)?.slice();
    if (!values) return attentionBatched(context, batchedQkv(qkv, segments, attributes), rows);
    const packed = packedQkv(values, columns, segments, attributes);
    const [out, logSumExp] = attentionHost(context, packed, rows);
    return [tf.tensor2d(out, [rows, attributes.heads * packed.size]), tf.tensor2d(logSumExp, [rows, attributes.heads])];
  },
};

/** Heads of queries, keys and values together. */
export function partsOf({ heads, kvHeads }: AttentionAttributes): number {
  return heads + 2 * kvHeads;
}

/** Rows of a matrix (T, (heads + 2 kvHeads) size), and the size of a head; throws a ShapeError where it is not one. */
export function requireQkv(qkv: Shape, attributes: AttentionAttributes, op: string): [rows: Dim, size: number] {
  const [rows, columns] = matrix(qkv, `${op} qkv`);
  requireAttention(attributes, op);
  return [rows, headSizeOf(columns, partsOf(attributes), `${op} qkv`)];
}

/** Queries, keys and values side by side, `columns` in all. */
export function packedQkv<Numbers extends Float32Array | Float64Array>(
  values: Numbers,
  columns: number,
  segments: readonly Segment[],
  attributes: AttentionAttributes,
): PackedAttention<Numbers> {
  const { heads, kvHeads, scale } = attributes;
  const size = columns / partsOf(attributes);
  const part = (firstHead: number) => ({ values, stride: columns, offset: firstHead * size });
  return {
    queries: part(0),
    keys: part(heads),
    values: part(heads + kvHeads),
    segments,
    heads,
    kvHeads,
    size,
    scale,
    isCausal: true,
  };
}

/** The same as tensors. */
export function batchedQkv(tensor: tf.Tensor, segments: readonly Segment[], attributes: AttentionAttributes): BatchedAttention {
  const { heads, kvHeads, scale, window } = attributes;
  const part = (firstHead: number) => ({ tensor, firstHead });
  const size = (tensor.shape[1] ?? 0) / partsOf(attributes);
  return {
    name: `causal ${window}`,
    queries: part(0),
    keys: part(heads),
    values: part(heads + kvHeads),
    segments,
    heads,
    kvHeads,
    size,
    scale,
  };
}
