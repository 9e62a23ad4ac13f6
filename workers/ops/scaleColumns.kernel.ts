import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './scaleColumns.wgsl?raw';
import { bind, bindOptional, elementTypeOf, extents, operand, result, sizeOf } from './shared/operands';

export function scaleColumnsKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const bias = node.inputs[3];
  const y = result(node, 0);
  const [rows, columns] = extents(y);
  const type = elementTypeOf(columns);
  const width = type === 'vec4' ? 4 : 1;
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      flags: { VEC: type === 'vec4', BIAS: Boolean(bias) },
      bindings: [
        bind('x', operand(node, 0), type),
        bind('magnitudes', operand(node, 1), type),
        bind('norms', operand(node, 2), type),
        ...bindOptional('bias', bias, type),
        bind('y', y, type),
      ],
      integers: { rows, columns: columns / width },
      grid: (counts) => spread(Math.ceil(sizeOf(y, counts) / width / 64)),
      multiplyAdds: (counts) => sizeOf(y, counts) * 2,
    }),
  ];
}
