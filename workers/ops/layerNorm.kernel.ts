import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { LayerNormAttributes } from './attributes';
import wgsl from './layerNorm.wgsl?raw';
import { normKernel } from './shared/normKernels';
import { operand } from './shared/operands';

export function layerNormKernel(context: KernelContext<LayerNormAttributes>): Kernel[] {
  return normKernel(context, { wgsl, bias: operand(context.node, 2), residual: context.node.inputs[3], work: 8 });
}
