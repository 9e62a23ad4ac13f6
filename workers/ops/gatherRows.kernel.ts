import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './gatherRows.wgsl?raw';
import { bind, extents, operand, result, sizeOf } from './shared/operands';

export function gatherRowsKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const y = result(node, 0);
  const [rows, columns] = extents(y);
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      bindings: [bind('x', operand(node, 0)), bind('picked', operand(node, 1)), bind('y', y)],
      integers: { rows, columns },
      grid: (counts) => spread(Math.ceil(sizeOf(y, counts) / 64)),
      multiplyAdds: (counts) => sizeOf(y, counts),
    }),
  ];
}
