import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './crossEntropyGradient.wgsl?raw';
import { bind, bindOptional, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import { workgroupSums } from './shared/sums';

export function crossEntropyGradientKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const logits = operand(node, 0);
  const [, , lossScale, targetWeights] = node.inputs;
  const [rows, columns] = extents(logits);
  const { enables, pieces } = workgroupSums(device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [...pieces, wgsl],
      flags: { SCALED: Boolean(lossScale), WEIGHTED: Boolean(targetWeights) },
      bindings: [
        bind('logits', logits),
        bind('labels', operand(node, 1)),
        ...bindOptional('lossScale', lossScale),
        ...bindOptional('targetWeights', targetWeights),
        bind('gradient', result(node, 0)),
      ],
      integers: { rows, columns },
      grid: (counts) => spread(rowsOf(logits, counts)),
      multiplyAdds: (counts) => sizeOf(logits, counts) * 20,
    }),
  ];
}
