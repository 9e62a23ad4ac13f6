import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import { elementwiseKernel } from './shared/elementwise';
import sigmoid from './shared/swiglu.wgsl?raw';
import wgsl from './swiglu.wgsl?raw';

export function swigluKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  return [elementwiseKernel(node, [sigmoid, wgsl], 12)];
}
