import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { ExpandAttributes } from './attributes';
import wgsl from './expand.wgsl?raw';
import dropout from './shared/dropout.wgsl?raw';
import { dropoutFloats, dropoutIntegers } from './shared/dropoutShape';
import { bind, extents, operand, result, rowsOf } from './shared/operands';

export function expandKernel({ node, attributes }: KernelContext<ExpandAttributes>): Kernel[] {
  const u = operand(node, 0);
  const y = result(node, 0);
  const [rows, rank] = extents(u);
  const [, columns] = extents(y);
  const drops = attributes.dropout > 0;
  return [
    buildKernel({
      label: node.op,
      body: drops ? [dropout, wgsl] : [wgsl],
      flags: { DROPOUT: drops, OUT_RANK: attributes.layout === 'outRank' },
      bindings: [bind('u', u), bind('b', operand(node, 1)), bind('y', y)],
      integers: { rows, rank, columns, ...dropoutIntegers(attributes) },
      floats: { scale: attributes.scale, ...dropoutFloats(attributes) },
      grid: (counts) => spread(Math.ceil((rowsOf(u, counts) * Math.ceil(columns / 4)) / 64)),
      multiplyAdds: (counts) => rowsOf(u, counts) * columns * (rank + 8) * 2,
    }),
  ];
}
