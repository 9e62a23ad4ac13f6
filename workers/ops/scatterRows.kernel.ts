import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './scatterRows.wgsl?raw';
import { bind, bindOptional, elementTypeOf, extents, operand, result, sizeOf } from './shared/operands';

export function scatterRowsKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const base = node.inputs[3];
  const y = result(node, 0);
  const [rows, columns] = extents(y);
  const type = elementTypeOf(columns);
  const width = type === 'vec4' ? 4 : 1;
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      flags: { BASE: Boolean(base), VEC: type === 'vec4' },
      bindings: [
        bind('values', operand(node, 0), type),
        bind('picked', operand(node, 1)),
        bind('targets', operand(node, 2)),
        ...bindOptional('base', base, type),
        bind('y', y, type),
      ],
      integers: { rows, columns: columns / width },
      grid: (counts) => spread(Math.ceil(sizeOf(y, counts) / width / 64)),
      multiplyAdds: (counts) => sizeOf(y, counts),
    }),
  ];
}
