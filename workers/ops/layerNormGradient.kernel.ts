import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NormGradientAttributes } from './attributes';
import wgsl from './layerNormGradient.wgsl?raw';
import { normGradientKernel } from './shared/normKernels';

export function layerNormGradientKernel(context: KernelContext<NormGradientAttributes>): Kernel[] {
  return normGradientKernel(context, { wgsl, work: 10 });
}
