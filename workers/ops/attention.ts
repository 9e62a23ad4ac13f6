import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition } from '../engine/op';
import { matrix, ShapeError, type Dim, type Shape } from '../engine/shape';
import { attentionKernel } from './attention.kernel';
import type { AttentionAttributes } from './attributes';
import { attentionBatched, type BatchedAttention } from './shared/attentionBatched';
import { attentionHost } from './shared/attentionHost';
import { attentionForwardChoice } from './shared/attentionKernels';
import { attentionReference, type PackedAttention } from './shared/attentionReference';
import { headsInFours, requireSegments } from './shared/attentionShapes';
import { firstInputs, requireHeads } from './shared/inputs';
import { causalSegments, type Segment } from './shared/segments';

const name = 'attention';

/**
 * Causal attention within each packed sequence: qkv (T, 3C), columns q | k | v, segmentOffsets (S + 1), rowSegments (T) ->
 * out (T, C) and logSumExp (T, heads), the log of each query's sum of exponentials of scaled scores.
 */
export const attention: OpDefinition<AttentionAttributes> = {
  name,
  kernel: attentionKernel,
  choices: [attentionForwardChoice],
  halves: { inputs: [0], outputs: [0], fits: ([qkv], { heads }) => headsInFours(qkv, 3 * heads) },

  inferShape(shapes, { heads }) {
    const [qkv, segmentOffsets, rowSegments] = firstInputs(shapes, 3, name);
    const [rows, width] = requireQkv(qkv, heads, name);
    requireSegments(segmentOffsets, rowSegments, rows, name);
    return [
      [rows, width],
      [rows, heads],
    ];
  },

  backward({ graph, node, attributes, gradients: [dout] }) {
    const [qkv, ...segments] = firstInputs(node.inputs, 3, name);
    const [out, logSumExp] = firstInputs(node.outputs, 2, name);
    return [dout ? graph.one('attentionGradient', [dout, out, logSumExp, qkv, ...segments], attributes) : null];
  },

  reference(inputs, shapes, { heads, scale }) {
    const [qkv, segmentOffsets] = firstInputs(inputs, 2, name);
    const rows = shapes[0]?.[0] ?? 0;
    return attentionReference(packedQkv(qkv, (shapes[0]?.[1] ?? 0) / 3, causalSegments(segmentOffsets), heads, scale), rows);
  },

  tfjs(context, inputs, { heads, scale }) {
    const { tf, host, hostView } = context;
    const [qkv] = firstInputs(inputs, 1, name);
    const [rows = 0, columns = 0] = qkv.shape;
    const segments = causalSegments(host('segmentOffsets'));
    // Copied, because the products of long sequences make tensors, which may move the memory under a view.
    const values = hostView(qkv)?.slice();
    if (!values) return attentionBatched(context, batchedQkv(qkv, segments, heads, scale), rows);
    const [out, logSumExp] = attentionHost(context, packedQkv(values, columns / 3, segments, heads, scale), rows);
    return [tf.tensor2d(out, [rows, columns / 3]), tf.tensor2d(logSumExp, [rows, heads])];
  },
};

/** Rows and C of a matrix (T, 3C); throws a ShapeError where it is not one. */
export function requireQkv(qkv: Shape, heads: number, op: string): [rows: Dim, width: number] {
  const [rows, columns] = matrix(qkv, `${op} qkv`);
  if (columns % 3 !== 0)
    throw new ShapeError(`${op} qkv must have queries, keys and values of one width, not ${columns} columns.`);
  requireHeads(columns / 3, heads, op);
  return [rows, columns / 3];
}

/** Queries, keys and values side by side, each `width` columns. */
export function packedQkv<Numbers extends Float32Array | Float64Array>(
  values: Numbers,
  width: number,
  segments: readonly Segment[],
  heads: number,
  scale: number,
): PackedAttention<Numbers> {
  const part = (index: number) => ({ values, stride: 3 * width, offset: index * width });
  return { queries: part(0), keys: part(1), values: part(2), segments, heads, size: width / heads, scale };
}

/** The same as tensors. */
export function batchedQkv(tensor: tf.Tensor, segments: readonly Segment[], heads: number, scale: number): BatchedAttention {
  const part = (index: number) => ({ tensor, firstHead: index * heads });
  const size = (tensor.shape[1] ?? 0) / 3 / heads;
  return { queries: part(0), keys: part(1), values: part(2), segments, heads, size, scale };
}
