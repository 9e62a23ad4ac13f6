import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './scatterRows.wgsl?raw';
import { bind, bindOptional, extents, operand, result, sizeOf } from './shared/operands';

export function scatterRowsKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const base = node.inputs[3];
  const y = result(node, 0);
  const [rows, columns] = extents(y);
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      flags: { BASE: Boolean(base) },
      bindings: [
        bind('values', operand(node, 0)),
        bind('picked', operand(node, 1)),
        bind('segments', operand(node, 2)),
        ...bindOptional('base', base),
        bind('y', y),
      ],
      integers: { rows, columns },
      grid: (counts) => spread(Math.ceil(sizeOf(y, counts) / 64)),
      multiplyAdds: (counts) => sizeOf(y, counts),
    }),
  ];
}
