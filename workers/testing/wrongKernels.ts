import type { KernelTable } from '../engine/wgsl/executor';
import type { Kernel } from '../engine/wgsl/kernel';
import { ops } from '../ops/index';

const wrong = (kernels: readonly Kernel[]): Kernel[] =>
  kernels.map((kernel) => ({ ...kernel, source: kernel.source.replace('1.0 / sqrt(', '1.001 / sqrt(') }));

/** The op tables with norms that are a thousandth off. */
export const wrongNorm: KernelTable = {
  ...ops,
  layerNorm: { kernel: (context) => wrong(ops.layerNorm.kernel(context)) },
  rmsNorm: { kernel: (context) => wrong(ops.rmsNorm.kernel(context)) },
};
