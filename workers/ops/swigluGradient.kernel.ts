import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import { bind, elementTypeOf, extents, operand, result, sizeOf } from './shared/operands';
import sigmoid from './shared/swiglu.wgsl?raw';
import wgsl from './swigluGradient.wgsl?raw';

export function swigluGradientKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const gate = operand(node, 1);
  const [rows, columns] = extents(gate);
  const type = elementTypeOf(columns);
  const width = type === 'vec4' ? 4 : 1;
  return [
    buildKernel({
      label: node.op,
      body: [sigmoid, wgsl],
      flags: { VEC: type === 'vec4' },
      bindings: [
        bind('dy', operand(node, 0), type),
        bind('gate', gate, type),
        bind('up', operand(node, 2), type),
        bind('dgate', result(node, 0), type),
        bind('dup', result(node, 1), type),
      ],
      integers: { rows, columns: columns / width },
      grid: (counts) => spread(Math.ceil(sizeOf(gate, counts) / width / 64)),
      multiplyAdds: (counts) => sizeOf(gate, counts) * 18,
    }),
  ];
}
