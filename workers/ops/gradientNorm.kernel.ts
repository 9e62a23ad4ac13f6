import { buildKernel } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './gradientNorm.wgsl?raw';
import { bind, operand, result, sizeOf } from './shared/operands';
import workgroupSum from './shared/workgroupSum.wgsl?raw';

export function gradientNormKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const partials = operand(node, 0);
  return [
    buildKernel({
      label: node.op,
      body: [workgroupSum, wgsl],
      bindings: [bind('partials', partials), bind('norm', result(node, 0))],
      integers: { parts: Number(partials.shape[0]) },
      grid: () => [1, 1, 1],
      multiplyAdds: (counts) => sizeOf(partials, counts),
      splittable: false,
    }),
  ];
}
