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

/** dout (T, C), out (T, C), logSumExp (T, heads), qkv (T, 3C), segmentOffsets (S + 1), rowSegments (T) -> dqkv (T, 3C). */
export const attentionGradient: OpDefinition<AttentionAttributes> = {
  name,
  backward: null,
  kernel: attentionGradientKernel,
  choices: [attentionBackwardChoice],
  halves: { inputs: [0, 1, 3], outputs: [0], fits: ([dout], { heads }) => headsInFours(dout, heads) },

  inferShape(shapes, { heads }) {
    const [dout, out, logSumExp, qkv, segmentOffsets, rowSegments] = firstInputs(shapes, 6, name);
    const [rows, width] = requireQkv(qkv, heads, name);
    requireMatrix(dout, rows, width, 'attentionGradient dout');
    requireMatrix(out, rows, width, 'attentionGradient out');
    requireMatrix(logSumExp, rows, heads, 'attentionGradient logSumExp');
    requireSegments(segmentOffsets, rowSegments, rows, name);
    return [qkv];
  },

  reference(inputs, shapes, { heads, scale }) {
    const [outGradient, out, logSumExp, qkv, segmentOffsets] = firstInputs(inputs, 5, name);
    const width = (shapes[3]?.[1] ?? 0) / 3;
    const segments = causalSegments(segmentOffsets);
    const gradient = packedQkv(new Float64Array(qkv.length), width, segments, heads, scale);
    attentionGradientReference(packedQkv(qkv, width, segments, heads, scale), { outGradient, out, logSumExp }, gradient);
    return [gradient.queries.values];
  },

  tfjs(context, inputs, { heads, scale }) {
    const { tf, host, hostView } = context;
    const [dout, , , qkv] = firstInputs(inputs, 4, name);
    const [rows = 0, columns = 0] = qkv.shape;
    const segments = causalSegments(host('segmentOffsets'));
    // Copied, because the products of long sequences make tensors, which may move the memory under a view.
    const values = hostView(qkv)?.slice();
    const outGradient = hostView(dout)?.slice();
    if (!values || !outGradient) {
      const gradients = attentionGradientBatched(context, batchedQkv(qkv, segments, heads, scale), dout, rows, rows);
      return [tf.concat([gradients.queries, gradients.keys, gradients.values], 1)];
    }
    const gradient = packedQkv(new Float32Array(values.length), columns / 3, segments, heads, scale);
    attentionGradientHost(context, packedQkv(values, columns / 3, segments, heads, scale), outGradient, gradient);
    return [tf.tensor2d(gradient.queries.values, [rows, columns])];
  },
};
