import type { Node } from '../../engine/graph';
import { buildKernel, spread } from '../../engine/wgsl/buildKernel';
import type { Kernel } from '../../engine/wgsl/kernel';
import elementwise from './elementwise.wgsl?raw';
import { bind, bindOptional, elementTypeOf, flatExtents, operand, result, sizeOf } from './operands';

/** One dispatch that applies `combine(a: vec4f, b: vec4f) -> vec4f`, defined in `pieces`, to one or two matrices of one shape. */
export function elementwiseKernel(node: Node, pieces: readonly string[], multiplyAddsPerElement: number): Kernel {
  const a = operand(node, 0);
  const b = node.inputs[1];
  const y = result(node, 0);
  const [rows, columns] = flatExtents(a);
  const type = elementTypeOf(columns);
  const width = type === 'vec4' ? 4 : 1;
  return buildKernel({
    label: node.op,
    body: [...pieces, elementwise],
    flags: { VEC: type === 'vec4', BINARY: Boolean(b) },
    bindings: [bind('a', a, type), ...bindOptional('b', b, type), bind('y', y, type)],
    integers: { rows, columns: columns / width },
    grid: (counts) => spread(Math.ceil(sizeOf(a, counts) / width / 64)),
    multiplyAdds: (counts) => sizeOf(a, counts) * multiplyAddsPerElement,
  });
}
