import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionForward } from './shared/attentionKernels';
import { pooledAttentionValues } from './shared/attentionSetting';

export function pooledAttentionKernel(context: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionForward(context, pooledAttentionValues(context.node, 0));
}
