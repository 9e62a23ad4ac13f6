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
 * dout (S, C), out (S, C), logSumExp (S, heads), q (S, C), kv (T, 2C), segmentOffsets (S + 1), rowSegments (T), pooledRows (S)
 * -> dq (S, C), dkv (T, 2C).
 */
export const pooledAttentionGradient: OpDefinition<AttentionAttributes> = {
  name,
  backward: null,
  kernel: pooledAttentionGradientKernel,
  halves: { inputs: [0, 1, 3, 4], outputs: [0, 1], fits: ([dout], { heads }) => headsInFours(dout, heads) },

  inferShape(shapes, { heads }) {
    const [dout, out, logSumExp, q, kv, segmentOffsets, rowSegments, pooledRows] = firstInputs(shapes, 8, name);
    const [queries, width] = requirePooled(q, kv, segmentOffsets, rowSegments, pooledRows, heads, name);
    requireMatrix(dout, queries, width, 'pooledAttentionGradient dout');
    requireMatrix(out, queries, width, 'pooledAttentionGradient out');
    requireMatrix(logSumExp, queries, heads, 'pooledAttentionGradient logSumExp');
    return [q, kv];
  },

  reference(inputs, shapes, { heads, scale }) {
    const [outGradient, out, logSumExp, q, kv, segmentOffsets, , pooledRows] = firstInputs(inputs, 8, name);
    const width = shapes[3]?.[1] ?? 0;
    const segments = pooledSegments(segmentOffsets, pooledRows);
    const gradient = packedPooled(new Float64Array(q.length), new Float64Array(kv.length), width, segments, heads, scale);
    attentionGradientReference(packedPooled(q, kv, width, segments, heads, scale), { outGradient, out, logSumExp }, gradient);
    return [gradient.queries.values, gradient.keys.values];
  },

  tfjs(context, inputs, { heads, scale }) {
    const { tf, host, hostView } = context;
    const [dout, , , q, kv] = firstInputs(inputs, 5, name);
    const [queries = 0, width = 0] = q.shape;
    const rows = kv.shape[0] ?? 0;
    const segments = pooledSegments(host('segmentOffsets'), host('pooledRows'));
    const [outGradient, queryValues, keyValues] = [hostView(dout), hostView(q), hostView(kv)];
    if (!outGradient || !queryValues || !keyValues) {
      const gradients = attentionGradientBatched(context, batchedPooled(q, kv, segments, heads, scale), dout, queries, rows);
      return [gradients.queries, tf.concat([gradients.keys, gradients.values], 1)];
    }
    const gradient = packedPooled(
      new Float32Array(queries * width),
      new Float32Array(rows * 2 * width),
      width,
      segments,
      heads,
      scale,
    );
    attentionGradientHost(context, packedPooled(queryValues, keyValues, width, segments, heads, scale), outGradient, gradient);
    return [tf.tensor2d(gradient.queries.values, [queries, width]), tf.tensor2d(gradient.keys.values, [rows, 2 * width])];
  },
};
