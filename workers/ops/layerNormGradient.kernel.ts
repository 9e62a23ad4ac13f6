import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './layerNormGradient.wgsl?raw';
import { lanesPerRow } from './shared/lanes';
import { bind, bindOptional, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import rowSum from './shared/rowSum.wgsl?raw';

export function layerNormGradientKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const x = operand(node, 1);
  const carry = node.inputs[4];
  const [rows, columns] = extents(x);
  const lanes = lanesPerRow(columns);
  return [
    buildKernel({
      label: node.op,
      body: [rowSum, wgsl],
      flags: { CARRY: Boolean(carry), LANES: lanes },
      bindings: [
        bind('dy', operand(node, 0)),
        bind('x', x),
        bind('weight', operand(node, 2)),
        bind('stats', operand(node, 3)),
        ...bindOptional('carry', carry),
        bind('dx', result(node, 0)),
      ],
      integers: { rows, columns },
      grid: (counts) => spread(Math.ceil((rowsOf(x, counts) * lanes) / 64)),
      multiplyAdds: (counts) => sizeOf(x, counts) * 10,
    }),
  ];
}
