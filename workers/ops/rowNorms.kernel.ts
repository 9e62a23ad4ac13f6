import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { RowNormsAttributes } from './attributes';
import wgsl from './rowNorms.wgsl?raw';
import { bind, extents, operand, result } from './shared/operands';

export function rowNormsKernel({ node, attributes: { transposed, scale } }: KernelContext<RowNormsAttributes>): Kernel[] {
  const a = operand(node, 1);
  const y = result(node, 0);
  const [rank, inner] = extents(a);
  const [rows] = extents(y);
  const across = transposed ? 1 : 16;
  const groups = Math.ceil(Number(rows) / across);
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      flags: { TRANSPOSED: transposed, ACROSS: across },
      bindings: [bind('weight', operand(node, 0)), bind('a', a), bind('b', operand(node, 2)), bind('y', y)],
      integers: { rows, inner, rank },
      floats: { scale },
      grid: () => spread(groups),
      multiplyAdds: () => Number(rows) * inner * (Number(rank) + 1),
    }),
  ];
}
