import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionBackward, pooledAttentionValues } from './shared/attentionKernels';

/** Two dispatches: the gradient of the queries, then that of keys and values. */
export function pooledAttentionGradientKernel(context: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionBackward(context, pooledAttentionValues(context.node, 3));
}
