import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual, type Dim, type Shape } from '../engine/shape';
import type { AttentionAttributes } from './attributes';
import { pooledAttentionKernel } from './pooledAttention.kernel';
import { attentionBatched, type BatchedAttention } from './shared/attentionBatched';
import { attentionHost } from './shared/attentionHost';
import { attentionReference, type PackedAttention } from './shared/attentionReference';
import { headsInFours, requireMatrix, requireSegments } from './shared/attentionShapes';
import { firstInputs, requireHeads, vector } from './shared/inputs';
import { pooledSegments, type Segment } from './shared/segments';

const name = 'pooledAttention';

/**
 * One query a sequence: q (S, C), kv (T, 2C), columns k | v, segmentOffsets (S + 1), rowSegments (T), pooledRows (S) ->
 * out (S, C) and logSumExp (S, heads). Query s sees the keys of segment s up to row pooledRows[s].
 */
export const pooledAttention: OpDefinition<AttentionAttributes> = {
  name,
  kernel: pooledAttentionKernel,
  halves: { inputs: [0, 1], outputs: [0], fits: ([q], { heads }) => headsInFours(q, heads) },

  inferShape(shapes, { heads }) {
    const [q, kv, segmentOffsets, rowSegments, pooledRows] = firstInputs(shapes, 5, name);
    const [queries, width] = requirePooled(q, kv, segmentOffsets, rowSegments, pooledRows, heads, name);
    return [
      [queries, width],
      [queries, heads],
    ];
  },

  backward({ graph, node, attributes, gradients: [dout] }) {
    const [out, logSumExp] = firstInputs(node.outputs, 2, name);
    if (!dout) return [null, null];
    return graph.add('pooledAttentionGradient', [dout, out, logSumExp, ...firstInputs(node.inputs, 5, name)], attributes);
  },

  reference(inputs, shapes, { heads, scale }) {
    const [q, kv, segmentOffsets, , pooledRows] = firstInputs(inputs, 5, name);
    const [queries = 0, width = 0] = shapes[0] ?? [];
    return attentionReference(packedPooled(q, kv, width, pooledSegments(segmentOffsets, pooledRows), heads, scale), queries);
  },

  tfjs(context, inputs, { heads, scale }) {
    const { tf, host, hostView } = context;
    const [q, kv] = firstInputs(inputs, 2, name);
    const [queries = 0, width = 0] = q.shape;
    const segments = pooledSegments(host('segmentOffsets'), host('pooledRows'));
    const [queryValues, keyValues] = [hostView(q), hostView(kv)];
    if (!queryValues || !keyValues) return attentionBatched(context, batchedPooled(q, kv, segments, heads, scale), queries);
    const [out, logSumExp] = attentionHost(context, packedPooled(queryValues, keyValues, width, segments, heads, scale), queries);
    return [tf.tensor2d(out, [queries, width]), tf.tensor2d(logSumExp, [queries, heads])];
  },
};

/** Queries and C; throws a ShapeError where the shapes do not fit. */
export function requirePooled(
  q: Shape,
  kv: Shape,
  segmentOffsets: Shape,
  rowSegments: Shape,
  pooledRows: Shape,
  heads: number,
  op: string,
): [queries: Dim, width: number] {
  const [queries, width] = matrix(q, `${op} q`);
  const [rows] = matrix(kv, `${op} kv`);
  requireHeads(width, heads, op);
  requireMatrix(kv, rows, 2 * width, `${op} kv`);
  requireSegments(segmentOffsets, rowSegments, rows, op);
  requireEqual(vector(pooledRows, `${op} pooledRows`), queries, 'The length of pooledRows and the rows of q', [pooledRows, q]);
  return [queries, width];
}

/** Queries apart, keys and values side by side, each `width` columns. */
export function packedPooled<Numbers extends Float32Array | Float64Array>(
  q: Numbers,
  kv: Numbers,
  width: number,
  segments: readonly Segment[],
  heads: number,
  scale: number,
): PackedAttention<Numbers> {
  return {
    queries: { values: q, stride: width, offset: 0 },
    keys: { values: kv, stride: 2 * width, offset: 0 },
    values: { values: kv, stride: 2 * width, offset: width },
    segments,
    heads,
    size: width / heads,
    scale,
  };
}

/** The same as tensors. */
export function batchedPooled(
  q: tf.Tensor,
  kv: tf.Tensor,
  segments: readonly Segment[],
  heads: number,
  scale: number,
): BatchedAttention {
  return {
    queries: { tensor: q, firstHead: 0 },
    keys: { tensor: kv, firstHead: 0 },
    values: { tensor: kv, firstHead: heads },
    segments,
    heads,
    size: (q.shape[1] ?? 0) / heads,
    scale,
  };
}
