import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './geluGradient.wgsl?raw';
import { elementwiseKernel } from './shared/elementwise';
import gelu from './shared/gelu.wgsl?raw';

export function geluGradientKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  return [elementwiseKernel(node, [gelu, wgsl], 30)];
}
