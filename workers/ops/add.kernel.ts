import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import wgsl from './add.wgsl?raw';
import type { NoAttributes } from './attributes';
import { elementwiseKernel } from './shared/elementwise';

export function addKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  return [elementwiseKernel(node, [wgsl], 1)];
}
