import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { RotaryAttributes } from './attributes';
import wgsl from './rotary.wgsl?raw';
import { bind, bindOptional, extents, operand, result } from './shared/operands';
import { rotaryDispatch } from './shared/rotaryKernel';

export function rotaryKernel({ node, attributes: { frequencies } }: KernelContext<RotaryAttributes>): Kernel[] {
  const [q, k, v, , rows] = node.inputs;
  const packed = result(node, 0);
  const headsOf = (columns: number): number => columns / (2 * frequencies.length);
  return [
    rotaryDispatch({
      node,
      body: wgsl,
      frequencies,
      heads: q ? headsOf(extents(q)[1]) : 0,
      kvHeads: k ? headsOf(extents(k)[1]) : 0,
      packed,
      positions: operand(node, 3),
      rows: rows ?? null,
      bindings: (type) => [
        ...bindOptional('q', q, type),
        ...bindOptional('k', k, type),
        ...bindOptional('v', v, type),
        bind('y', packed, type),
      ],
    }),
  ];
}
