import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionForward, attentionValues } from './shared/attentionKernels';

export function attentionKernel({ node, attributes }: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionForward(node, attributes, attentionValues(node, 0));
}
