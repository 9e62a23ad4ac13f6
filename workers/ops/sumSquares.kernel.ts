import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { SumSquaresAttributes } from './attributes';
import finite from './shared/finite.wgsl?raw';
import { bind, operand, result, sizeOf } from './shared/operands';
import { workgroupSums } from './shared/sums';
import wgsl from './sumSquares.wgsl?raw';

export function sumSquaresKernel({ node, attributes, device }: KernelContext<SumSquaresAttributes>): Kernel[] {
  const gradients = operand(node, 0);
  const size = Number(gradients.shape[0]);
  const { enables, pieces } = workgroupSums(device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [finite, ...pieces, wgsl],
      bindings: [bind('gradients', gradients), bind('partials', result(node, 0))],
      integers: { size, length: Math.ceil(size / attributes.parts), parts: attributes.parts },
      grid: () => spread(attributes.parts),
      multiplyAdds: (counts) => sizeOf(gradients, counts),
    }),
  ];
}
