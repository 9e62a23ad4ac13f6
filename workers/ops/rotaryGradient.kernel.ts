import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { RotaryGradientAttributes } from './attributes';
import wgsl from './rotaryGradient.wgsl?raw';
import { bind, operand } from './shared/operands';
import { rotaryDispatch } from './shared/rotaryKernel';

export function rotaryGradientKernel({ node, attributes }: KernelContext<RotaryGradientAttributes>): Kernel[] {
  const dy = operand(node, 0);
  const { heads, kvHeads } = attributes;
  const names = [...(heads > 0 ? ['dq'] : []), ...(kvHeads > 0 ? ['dk', 'dv'] : [])];
  return [
    rotaryDispatch({
      node,
      body: wgsl,
      ...attributes,
      packed: dy,
      positions: operand(node, 1),
      rows: node.inputs[2] ?? null,
      bindings: (type) => [bind('dy', dy, type), ...node.outputs.map((output, index) => bind(names[index] ?? '', output, type))],
    }),
  ];
}
