import { buildKernel } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './gradientNorm.wgsl?raw';
import finite from './shared/finite.wgsl?raw';
import { bind, bindOptional, operand, result, sizeOf } from './shared/operands';
import { workgroupSums } from './shared/sums';

export function gradientNormKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const partials = operand(node, 0);
  const lossScale = node.inputs[1];
  const { enables, pieces } = workgroupSums(device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [finite, ...pieces, wgsl],
      flags: { SCALED: Boolean(lossScale) },
      bindings: [bind('partials', partials), ...bindOptional('lossScale', lossScale), bind('norm', result(node, 0))],
      integers: { parts: Number(partials.shape[0]) },
      grid: () => [1, 1, 1],
      multiplyAdds: (counts) => sizeOf(partials, counts),
      splittable: false,
    }),
  ];
}
