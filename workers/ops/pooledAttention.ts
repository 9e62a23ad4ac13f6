import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual, type Dim, type Shape } from '../engine/shape';
import type { AttentionAttributes } from './attributes';
import { pooledAttentionKernel } from './pooledAttention.kernel';
import { attentionBatched, type BatchedAttention } from './shared/attentionBatched';
import { attentionHost } from './shared/attentionHost';
import { attentionReference, type PackedAttention } from './shared/attentionReference';
import { headSizeOf, headsInFours, requireAttention, requireBranches, requireMatrix } from './shared/attentionShapes';
import { firstInputs, optionalInput, vector } from './shared/inputs';
import { pooledSegments, type Segment } from './shared/segments';

const name = 'pooledAttention';

/**
 * Queries for target rows alone: q (N, heads size), kv (T, 2 kvHeads size), columns k | v, segmentOffsets (S + 1), pooledRows
 * (N) ascending, targetStarts (N), rowTargets (T, 2), rowBranches? (T, 2) -> out (N, heads size) and logSumExp (N, heads).
 * Query n sees what row pooledRows[n] sees in `attention`. A sequence may have several targets or none; targetStarts are the
 * first rows of their sequences, rowTargets the first target at or after a row and one past its sequence's last.
 */
export const pooledAttention: OpDefinition<AttentionAttributes> = {
  name,
  kernel: pooledAttentionKernel,
  halves: { inputs: [0, 1], outputs: [0], fits: ([q], { heads }) => headsInFours(q, heads) },

  inferShape(shapes, attributes) {
    const [queries, size] = requirePooled(firstInputs(shapes, 6, name), attributes, name);
    const [, kv] = firstInputs(shapes, 2, name);
    requireBranches(optionalInput(shapes, 6), matrix(kv, 'pooledAttention kv')[0], attributes, name);
    return [
      [queries, attributes.heads * size],
      [queries, attributes.heads],
    ];
  },

  backward({ graph, node, attributes, gradients: [dout] }) {
    const [out, logSumExp] = firstInputs(node.outputs, 2, name);
    if (!dout) return [null, null];
    if (optionalInput(node.inputs, 6)) throw new Error('pooledAttention with branches has no gradient; it is for scoring.');
    return graph.add('pooledAttentionGradient', [dout, out, logSumExp, ...firstInputs(node.inputs, 6, name)], attributes);
  },

  reference(inputs, shapes, attributes) {
    const [q, kv, segmentOffsets, pooledRows] = firstInputs(inputs, 4, name);
    const [queries = 0, columns = 0] = shapes[0] ?? [];
    const visibility = { ...attributes, rowBranches: optionalInput(inputs, 6) };
    const segments = pooledSegments(segmentOffsets, pooledRows, visibility);
    return attentionReference(packedPooled(q, kv, columns, segments, attributes), queries);
  },

  tfjs(context, inputs, attributes) {
    const { tf, host, hostView } = context;
    const [q, kv] = firstInputs(inputs, 2, name);
    const [queries = 0, columns = 0] = q.shape;
    const rowBranches = optionalInput(inputs, 6) ? host('rowBranches') : null;
    const segments = pooledSegments(host('segmentOffsets'), host('pooledRows'), { ...attributes, rowBranches });
    const [queryValues, keyValues] = [hostView(q), hostView(kv)];
    if (!queryValues || !keyValues) return attentionBatched(context, batchedPooled(q, kv, segments, attributes), queries);
    const packed = packedPooled(queryValues, keyValues, columns, segments, attributes);
    const [out, logSumExp] = attentionHost(context, packed, queries);
    return [tf.tensor2d(out, [queries, columns]), tf.tensor2d(logSumExp, [queries, attributes.heads])];
  },
};

/** Queries and the size of a head, of [q, kv, segmentOffsets, pooledRows, targetStarts, rowTargets]; throws a ShapeError where these do not fit. */
export function requirePooled(
  shapes: readonly [Shape, Shape, Shape, Shape, Shape, Shape],
  attributes: AttentionAttributes,
  op: string,
): [queries: Dim, size: number] {
  const [q, kv, segmentOffsets, pooledRows, targetStarts, rowTargets] = shapes;
  const [queries, columns] = matrix(q, `${op} q`);
  const [rows] = matrix(kv, `${op} kv`);
  requireAttention(attributes, op);
  const size = headSizeOf(columns, attributes.heads, `${op} q`);
  requireMatrix(kv, rows, 2 * attributes.kvHeads * size, `${op} kv`);
  vector(segmentOffsets, `${op} segmentOffsets`);
  for (const [what, targets] of Object.entries({ pooledRows, targetStarts })) {
    requireEqual(vector(targets, `${op} ${what}`), queries, `The length of ${what} and the rows of q`, [targets, q]);
  }
  requireMatrix(rowTargets, rows, 2, `${op} rowTargets`);
  return [queries, size];
}

/** Queries apart, in so many columns; keys and values side by side. */
export function packedPooled<Numbers extends Float32Array | Float64Array>(
  q: Numbers,
  kv: Numbers,
  columns: number,
  segments: readonly Segment[],
  { heads, kvHeads, scale }: AttentionAttributes,
): PackedAttention<Numbers> {
  const size = columns / heads;
  return {
    queries: { values: q, stride: columns, offset: 0 },
    keys: { values: kv, stride: 2 * kvHeads * size, offset: 0 },
    values: { values: kv, stride: 2 * kvHeads * size, offset: kvHeads * size },
    segments,
    heads,
    kvHeads,
    size,
    scale,
    isCausal: false,
  };
}

/** The same as tensors. */
export function batchedPooled(
  q: tf.Tensor,
  kv: tf.Tensor,
  segments: readonly Segment[],
  { heads, kvHeads, scale, window }: AttentionAttributes,
): BatchedAttention {
  return {
    name: `pooled ${window}`,
    queries: { tensor: q, firstHead: 0 },
    keys: { tensor: kv, firstHead: 0 },
    values: { tensor: kv, firstHead: kvHeads },
    segments,
    heads,
    kvHeads,
    size: (q.shape[1] ?? 0) / heads,
    scale,
  };
}
