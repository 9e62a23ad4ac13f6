import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { AttentionAttributes } from './attributes';
import { attentionForward } from './shared/attentionKernels';
import { attentionValues } from './shared/attentionSetting';

export function attentionKernel(context: KernelContext<AttentionAttributes>): Kernel[] {
  return attentionForward(context, attentionValues(context.node, 0));
}
