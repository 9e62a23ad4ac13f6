import type { Value } from '../../engine/graph';
import type { Counts } from '../../engine/shape';
import { buildKernel, spread } from '../../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../../engine/wgsl/kernel';
import type { NormGradientAttributes } from '../attributes';
import { lanesPerRow } from './lanes';
import normGradientReads from './normGradientReads.wgsl?raw';
import normReads from './normReads.wgsl?raw';
import { bind, bindOptional, elementTypeOf, extents, operand, result, rowsOf, sizeOf } from './operands';
import rowNumbers from './rowNumbers.wgsl?raw';
import { rowSums } from './sums';

interface NormParts {
  wgsl: string;
  bias: Value | null;
  /** Added to x before it is normed; the sum is the third output. */
  residual: Value | null | undefined;
  /** Multiply-adds for each number of x. */
  work: number;
}

/** x, weight, bias?, residual? -> y, statistics of each row, sum?. */
export function normKernel(
  { node, attributes, device }: KernelContext<{ readonly epsilon: number }>,
  { wgsl, bias, residual, work }: NormParts,
): Kernel[] {
  const x = operand(node, 0);
  const { type, lanes, columnsOfRows, enables, pieces, grid } = rowsShared(x, device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [...pieces, rowNumbers, normReads, wgsl],
      flags: { RESIDUAL: Boolean(residual), VEC: type === 'vec4', LANES: lanes },
      bindings: [
        bind('x', x, type),
        bind('weight', operand(node, 1), type),
        ...bindOptional('bias', bias, type),
        ...bindOptional('residual', residual, type),
        bind('y', result(node, 0), type),
        bind('stats', result(node, 1)),
        ...bindOptional('sumOut', residual ? result(node, 2) : null, type),
      ],
      integers: columnsOfRows,
      floats: { epsilon: attributes.epsilon },
      grid,
      multiplyAdds: (counts) => sizeOf(x, counts) * work,
    }),
  ];
}

/** dy, x, weight, statistics, carry? -> dx, and once more where it is copied. `work`: multiply-adds for each number of x. */
export function normGradientKernel(
  { node, device }: KernelContext<NormGradientAttributes>,
  { wgsl, work }: Pick<NormParts, 'wgsl' | 'work'>,
): Kernel[] {
  const x = operand(node, 1);
  const carry = node.inputs[4];
  const copy = node.outputs[1];
  const { type, lanes, columnsOfRows, enables, pieces, grid } = rowsShared(x, device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [...pieces, rowNumbers, normGradientReads, wgsl],
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
      integers: columnsOfRows,
      grid,
      multiplyAdds: (counts) => sizeOf(x, counts) * work,
    }),
  ];
}

/** How threads share the rows of x, in ones or fours. */
function rowsShared(x: Value, device: KernelContext<never>['device']) {
  const [rows, columns] = extents(x);
  const type = elementTypeOf(columns);
  const lanes = lanesPerRow(columns);
  return {
    type,
    lanes,
    columnsOfRows: { rows, columns, steps: type === 'vec4' ? columns / 4 : columns },
    ...rowSums(device, lanes),
    grid: (counts: Counts) => spread(Math.ceil((rowsOf(x, counts) * lanes) / 64)),
  };
}
