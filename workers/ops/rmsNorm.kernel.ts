import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { RmsNormAttributes } from './attributes';
import wgsl from './rmsNorm.wgsl?raw';
import { lanesPerRow } from './shared/lanes';
import { bind, bindOptional, elementTypeOf, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import rowNumbers from './shared/rowNumbers.wgsl?raw';
import { rowSums } from './shared/sums';

export function rmsNormKernel({ node, attributes, device }: KernelContext<RmsNormAttributes>): Kernel[] {
  const x = operand(node, 0);
  const residual = node.inputs[2];
  const [rows, columns] = extents(x);
  const type = elementTypeOf(columns);
  const steps = type === 'vec4' ? columns / 4 : columns;
  const lanes = lanesPerRow(columns);
  const { enables, pieces } = rowSums(device, lanes);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [...pieces, rowNumbers, wgsl],
      flags: { RESIDUAL: Boolean(residual), VEC: type === 'vec4', LANES: lanes },
      bindings: [
        bind('x', x, type),
        bind('weight', operand(node, 1), type),
        ...bindOptional('residual', residual, type),
        bind('y', result(node, 0), type),
        bind('stats', result(node, 1)),
        ...bindOptional('sumOut', residual ? result(node, 2) : null, type),
      ],
      integers: { rows, columns, steps },
      floats: { epsilon: attributes.epsilon },
      grid: (counts) => spread(Math.ceil((rowsOf(x, counts) * lanes) / 64)),
      multiplyAdds: (counts) => sizeOf(x, counts) * 5,
    }),
  ];
}
