import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NormGradientAttributes } from './attributes';
import wgsl from './rmsNormGradient.wgsl?raw';
import { lanesPerRow } from './shared/lanes';
import { bind, bindOptional, elementTypeOf, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import rowNumbers from './shared/rowNumbers.wgsl?raw';
import { rowSums } from './shared/sums';

export function rmsNormGradientKernel({ node, device }: KernelContext<NormGradientAttributes>): Kernel[] {
  const x = operand(node, 1);
  const carry = node.inputs[4];
  const copy = node.outputs[1];
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
      flags: { CARRY: Boolean(carry), COPY: Boolean(copy), VEC: type === 'vec4', LANES: lanes },
      bindings: [
        bind('dy', operand(node, 0), type),
        bind('x', x, type),
        bind('weight', operand(node, 2), type),
        bind('stats', operand(node, 3)),
        ...bindOptional('carry', carry, type),
        bind('dx', result(node, 0), type),
        ...bindOptional('copy', copy, type),
      ],
      integers: { rows, columns, steps },
      grid: (counts) => spread(Math.ceil((rowsOf(x, counts) * lanes) / 64)),
      multiplyAdds: (counts) => sizeOf(x, counts) * 7,
    }),
  ];
}
