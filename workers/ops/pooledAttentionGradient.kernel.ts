import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionBackward, pooledAttentionValues } from './shared/attentionKernels';

/** Two dispatches: the gradient of the queries, then that of keys and values. */
export function pooledAttentionGradientKernel({ node, attributes }: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionBackward(node, attributes, pooledAttentionValues(node, 3));
}
