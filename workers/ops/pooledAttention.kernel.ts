import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionForward, pooledAttentionValues } from './shared/attentionKernels';

export function pooledAttentionKernel({ node, attributes }: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionForward(node, attributes, pooledAttentionValues(node, 0));
}
