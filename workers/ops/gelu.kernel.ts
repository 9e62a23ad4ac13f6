import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './gelu.wgsl?raw';
import { elementwiseKernel } from './shared/elementwise';
import gelu from './shared/gelu.wgsl?raw';

export function geluKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  return [elementwiseKernel(node, [gelu, wgsl], 20)];
}
