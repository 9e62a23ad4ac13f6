import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NormGradientAttributes } from './attributes';
import wgsl from './rmsNormGradient.wgsl?raw';
import { normGradientKernel } from './shared/normKernels';

export function rmsNormGradientKernel(context: KernelContext<NormGradientAttributes>): Kernel[] {
  return normGradientKernel(context, { wgsl, work: 7 });
}
