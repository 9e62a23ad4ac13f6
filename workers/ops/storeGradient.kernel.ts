import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import { bind, flatExtents, operand, result, sizeOf } from './shared/operands';
import wgsl from './storeGradient.wgsl?raw';

export function storeGradientKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const gradient = operand(node, 0);
  const [rows, columns] = flatExtents(gradient);
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      bindings: [bind('gradient', gradient), bind('slice', result(node, 0))],
      integers: { rows, columns },
      grid: (counts) => spread(Math.ceil(sizeOf(gradient, counts) / 64)),
      multiplyAdds: (counts) => sizeOf(gradient, counts),
    }),
  ];
}
