import { buildKernel } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './crossEntropy.wgsl?raw';
import { bind, bindOptional, extents, operand, result, sizeOf } from './shared/operands';
import { workgroupSums } from './shared/sums';

export function crossEntropyKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const logits = operand(node, 0);
  const [rows, columns] = extents(logits);
  const targetWeights = node.inputs[2];
  const { enables, pieces } = workgroupSums(device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [...pieces, wgsl],
      flags: { WEIGHTED: Boolean(targetWeights) },
      bindings: [
        bind('logits', logits),
        bind('labels', operand(node, 1)),
        ...bindOptional('targetWeights', targetWeights),
        bind('loss', result(node, 0)),
      ],
      integers: { rows, columns },
      grid: () => [1, 1, 1],
      multiplyAdds: (counts) => sizeOf(logits, counts) * 10,
      splittable: false,
    }),
  ];
}
