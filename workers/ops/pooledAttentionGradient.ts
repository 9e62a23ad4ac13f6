import type { OpDefinition } from '../engine/op';
import type { AttentionAttributes } from './attributes';
import { batchedPooled, packedPooled, requirePooled } from './pooledAttention';
import { pooledAttentionGradientKernel } from './pooledAttentionGradient.kernel';
import { attentionGradientBatched } from './shared/attentionBatched';
import { attentionGradientHost } from './shared/attentionHost';
import { attentionGradientReference } from './shared/attentionReference';
import { headsInFours, requireMatrix } from './shared/attentionShapes';
import { firstInputs } from './shared/inputs';
import { pooledSegments } from './shared/segments';

const name = 'pooledAttentionGradient';

/**
 * dout (N, heads size), out (N, heads size), logSumExp (N, heads), then the inputs of pooledAttention: q, kv, segmentOffsets,
 * pooledRows, targetStarts, rowTargets -> dq and dkv, as q and kv. Keys and values sum over targets and over the heads that
 * they serve.
 */
export const pooledAttentionGradient: OpDefinition<AttentionAttributes> = {
  name,
  backward: null,
  kernel: pooledAttentionGradientKernel,
  halves: { inputs: [0, 1, 3, 4], outputs: [0, 1], fits: ([dout], { heads }) => headsInFours(dout, heads) },

  inferShape(shapes, attributes) {
    const [dout, out, logSumExp, q, kv, ...targets] = firstInputs(shapes, 9, name);
    const [queries, size] = requirePooled([q, kv, ...targets], attributes, name);
    requireMatrix(dout, queries, attributes.heads * size, 'pooledAttentionGradient dout');
    requireMatrix(out, queries, attributes.heads * size, 'pooledAttentionGradient out');
    requireMatrix(logSumExp, queries, attributes.heads, 'pooledAttentionGradient logSumExp');
    return [q, kv];
  },

  reference(inputs, shapes, attributes) {
    const [outGradient, out, logSumExp, q, kv, segmentOffsets, pooledRows] = firstInputs(inputs, 7, name);
    const columns = shapes[3]?.[1] ?? 0;
    const segments = pooledSegments(segmentOffsets, pooledRows, { ...attributes, rowBranches: null });
    const packed = packedPooled(q, kv, columns, segments, attributes);
    const gradient = packedPooled(new Float64Array(q.length), new Float64Array(kv.length), columns, segments, attributes);
    attentionGradientReference(packed, { outGradient, out, logSumExp }, gradient);
    return [gradient.queries.values, gradient.keys.values];
  },

  tfjs(context, inputs, attributes) {
    const { tf, host, hostView } = context;
    const [dout, , , q, kv] = firstInputs(inputs, 5, name);
    const [queries = 0, columns = 0] = q.shape;
    const [rows = 0, kvColumns = 0] = kv.shape;
    const segments = pooledSegments(host('segmentOffsets'), host('pooledRows'), { ...attributes, rowBranches: null });
    const [outGradient, queryValues, keyValues] = [hostView(dout), hostView(q), hostView(kv)];
    if (!outGradient || !queryValues || !keyValues) {
      const gradients = attentionGradientBatched(context, batchedPooled(q, kv, segments, attributes), dout, queries, rows);
      return [gradients.queries, tf.concat([gradients.keys, gradients.values], 1)];
    }
    const [dq, dkv] = [new Float32Array(queries * columns), new Float32Array(rows * kvColumns)];
    const gradient = packedPooled(dq, dkv, columns, segments, attributes);
    const packed = packedPooled(queryValues, keyValues, columns, segments, attributes);
    attentionGradientHost(context, packed, outGradient, gradient);
    return [tf.tensor2d(dq, [queries, columns]), tf.tensor2d(dkv, [rows, kvColumns])];
  },
};
