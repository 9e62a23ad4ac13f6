import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { LayerNormAttributes } from './attributes';
import wgsl from './layerNorm.wgsl?raw';
import { lanesPerRow } from './shared/lanes';
import { bind, bindOptional, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import rowSum from './shared/rowSum.wgsl?raw';

export function layerNormKernel({ node, attributes }: KernelContext<LayerNormAttributes>): Kernel[] {
  const x = operand(node, 0);
  const residual = node.inputs[3];
  const [rows, columns] = extents(x);
  const lanes = lanesPerRow(columns);
  return [
    buildKernel({
      label: node.op,
      body: [rowSum, wgsl],
      flags: { RESIDUAL: Boolean(residual), LANES: lanes },
      bindings: [
        bind('x', x),
        bind('weight', operand(node, 1)),
        bind('bias', operand(node, 2)),
        ...bindOptional('residual', residual),
        bind('y', result(node, 0)),
        bind('stats', result(node, 1)),
        ...bindOptional('sumOut', residual ? result(node, 2) : null),
      ],
      integers: { rows, columns },
      floats: { epsilon: attributes.epsilon },
      grid: (counts) => spread(Math.ceil((rowsOf(x, counts) * lanes) / 64)),
      multiplyAdds: (counts) => sizeOf(x, counts) * 8,
    }),
  ];
}
