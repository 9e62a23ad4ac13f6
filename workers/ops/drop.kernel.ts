import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { DropAttributes } from './attributes';
import wgsl from './drop.wgsl?raw';
import dropout from './shared/dropout.wgsl?raw';
import { dropoutFloats, dropoutIntegers } from './shared/dropoutShape';
import { bind, elementTypeOf, extents, operand, result, sizeOf } from './shared/operands';

export function dropKernel({ node, attributes: { complement, ...mask } }: KernelContext<DropAttributes>): Kernel[] {
  const y = result(node, 0);
  const [rows, columns] = extents(y);
  const type = elementTypeOf(columns);
  const width = type === 'vec4' ? 4 : 1;
  return [
    buildKernel({
      label: node.op,
      body: [dropout, wgsl],
      flags: { VEC: type === 'vec4', COMPLEMENT: complement },
      bindings: [bind('x', operand(node, 0), type), bind('y', y, type)],
      integers: { rows, columns: columns / width, ...dropoutIntegers(mask) },
      floats: dropoutFloats(mask),
      grid: (counts) => spread(Math.ceil(sizeOf(y, counts) / width / 64)),
      multiplyAdds: (counts) => sizeOf(y, counts) * 10,
    }),
  ];
}
