import type { Node } from '../engine/graph';
import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import { rowWindows, type RowWindow } from '../engine/wgsl/rowWindows';
import type { NoAttributes } from './attributes';
import wgsl from './embedding.wgsl?raw';
import { bind, bindOptional, elementTypeOf, extents, operand, result, sizeOf } from './shared/operands';

/** A dispatch for each buffer of the token table: it makes the rows whose tokens lie there. */
export function embeddingKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const wte = operand(node, 2);
  if (wte.role.kind !== 'weight') return [windowKernel(node, { begin: 0, end: Number(wte.shape[0]) })];
  return rowWindows(wte, device.maxStorageBufferBindingSize).map((window) => {
    const kernel = windowKernel(node, window);
    const bindings = kernel.bindings.map((binding) => (binding.value.id === wte.id ? { ...binding, rows: window } : binding));
    return { ...kernel, bindings };
  });
}

function windowKernel(node: Node, { begin, end }: RowWindow): Kernel {
  const y = result(node, 0);
  const [rows, columns] = extents(y);
  const type = elementTypeOf(columns);
  const width = type === 'vec4' ? 4 : 1;
  return buildKernel({
    label: node.op,
    body: [wgsl],
    flags: { VEC: type === 'vec4', PLACES: Boolean(node.inputs[3]) },
    bindings: [
      bind('ids', operand(node, 0)),
      ...bindOptional('positions', node.inputs[1]),
      bind('wte', operand(node, 2), type),
      ...bindOptional('wpe', node.inputs[3], type),
      bind('y', y, type),
    ],
    integers: { rows, columns: columns / width, firstToken: begin, tokens: end - begin },
    grid: (counts) => spread(Math.ceil(sizeOf(y, counts) / width / 64)),
    multiplyAdds: (counts) => sizeOf(y, counts),
  });
}
