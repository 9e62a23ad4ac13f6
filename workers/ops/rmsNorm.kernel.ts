import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { RmsNormAttributes } from './attributes';
import wgsl from './rmsNorm.wgsl?raw';
import { normKernel } from './shared/normKernels';

export function rmsNormKernel(context: KernelContext<RmsNormAttributes>): Kernel[] {
  return normKernel(context, { wgsl, bias: null, residual: context.node.inputs[2], work: 5 });
}
