import { buildKernel } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './crossEntropy.wgsl?raw';
import { bind, extents, operand, result, sizeOf } from './shared/operands';
import workgroupSum from './shared/workgroupSum.wgsl?raw';

export function crossEntropyKernel({ node }: KernelContext<NoAttributes>): Kernel[] {
  const logits = operand(node, 0);
  const [rows, columns] = extents(logits);
  return [
    buildKernel({
      label: node.op,
      body: [workgroupSum, wgsl],
      bindings: [bind('logits', logits), bind('labels', operand(node, 1)), bind('loss', result(node, 0))],
      integers: { rows, columns },
      grid: () => [1, 1, 1],
      multiplyAdds: (counts) => sizeOf(logits, counts) * 10,
      splittable: false,
    }),
  ];
}
