import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionBackward } from './shared/attentionKernels';
import { pooledAttentionValues } from './shared/attentionSetting';

/** Two dispatches: the gradient of the queries, then that of keys and values. */
export function pooledAttentionGradientKernel(context: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionBackward(context, pooledAttentionValues(context.node, 3));
}
