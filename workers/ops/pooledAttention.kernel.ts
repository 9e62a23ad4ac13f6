import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionForward, pooledAttentionValues } from './shared/attentionKernels';

export function pooledAttentionKernel(context: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionForward(context, pooledAttentionValues(context.node, 0));
}
