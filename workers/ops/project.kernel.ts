import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { ProjectAttributes } from './attributes';
import { narrowMatmulKernel } from './shared/narrowMatmul';
import { operand, result } from './shared/operands';

export function projectKernel({ node, attributes, device }: KernelContext<ProjectAttributes>): Kernel[] {
  return [
    narrowMatmulKernel({
      label: node.op,
      x: operand(node, 0),
      a: operand(node, 1),
      bias: null,
      y: result(node, 0),
      rankIn: attributes.layout === 'rankIn',
      scale: attributes.scale,
      mask: attributes,
      device,
    }),
  ];
}
