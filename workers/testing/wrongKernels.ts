import type { KernelTable } from '../engine/wgsl/executor';
import { ops } from '../ops/index';

/** The op tables with a layer norm that is a thousandth off. */
export const wrongNorm: KernelTable = {
  ...ops,
  layerNorm: {
    kernel: (context) =>
      ops.layerNorm
        .kernel(context)
        .map((kernel) => ({ ...kernel, source: kernel.source.replace('1.0 / sqrt(', '1.001 / sqrt(') })),
  },
};
