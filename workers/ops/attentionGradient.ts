import type { OpDefinition } from '../engine/op';
import { batchedQkv, packedQkv, requireQkv } from './attention';
import { attentionGradientKernel } from './attentionGradient.kernel';
import type { AttentionAttributes } from './attributes';
import { attentionGradientBatched } from './shared/attentionBatched';
import { attentionGradientHost } from './shared/attentionHost';
import { attentionBackwardChoice } from './shared/attentionKernels';
import { attentionGradientReference } from './shared/attentionReference';
import { headsInFours, requireMatrix, requireSegments } from './shared/attentionShapes';
import { firstInputs } from './shared/inputs';
import { causalSegments } from './shared/segments';

const name = 'attentionGradient';

/**
 * dout (T, heads size), out (T, heads size), logSumExp (T, heads), qkv (T, (heads + 2 kvHeads) size), segmentOffsets (S + 1),
 * rowSegments (T) -> dqkv, as qkv. Keys and values sum over the query heads that they serve.
 */
export const attentionGradient: OpDefinition<AttentionAttributes> = {
  name,
  backward: null,
  kernel: attentionGradientKernel,
  choices: [attentionBackwardChoice],
  halves: { inputs: [0, 1, 3], outputs: [0], fits: ([dout], { heads }) => headsInFours(dout, heads) },

  inferShape(shapes, attributes) {
    const [dout, out, logSumExp, qkv, segmentOffsets, rowSegments] = firstInputs(shapes, 6, name);
    const [rows, size] = requireQkv(qkv, attributes, name);
    requireMatrix(dout, rows, attributes.heads * size, 'attentionGradient dout');
    requireMatrix(out, rows, attributes.heads * size, 'attentionGradient out');
    requireMatrix(logSumExp, rows, attributes.heads, 'attentionGradient logSumExp');
    requireSegments(segmentOffsets, rowSegments, rows, name);
    return [qkv];
  },

  reference(inputs, shapes, attributes) {
    const [outGradient, out, logSumExp, qkv, segmentOffsets] = firstInputs(inputs, 5, name);
    const columns = shapes[3]?.[1] ?? 0;
    const segments = causalSegments(segmentOffsets, { ...attributes, rowBranches: null });
    const gradient = packedQkv(new Float64Array(qkv.length), columns, segments, attributes);
    attentionGradientReference(packedQkv(qkv, columns, segments, attributes), { outGradient, out, logSumExp }, gradient);
    return [gradient.queries.values];
  },

  tfjs(context, inputs, attributes) {
    const { tf, host, hostView } = context;
    const [dout, , , qkv] = firstInputs(inputs, 4, name);
    const [rows = 0, columns = 0] = qkv.shape;
    const segments = causalSegments(host('segmentOffsets'), { ...attributes, rowBranches: null });
    // Copied, because the products of long sequences make tensors, which may move the memory under a view.
    const values = hostView(qkv)?.slice();
    const outGradient = hostView(dout)?.slice();
    if (!values || !outGradient) {
      const gradients = attentionGradientBatched(context, batchedQkv(qkv, segments, attributes), dout, rows, rows);
      return [tf.concat([gradients.queries, gradients.keys, gradients.values], 1)];
    }
    const gradient = packedQkv(new Float32Array(values.length), columns, segments, attributes);
    attentionGradientHost(context, packedQkv(values, columns, segments, attributes), outGradient, gradient);
    return [tf.tensor2d(gradient.queries.values, [rows, columns])];
  },
};
