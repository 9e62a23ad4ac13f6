import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './crossEntropyGradient.wgsl?raw';
import { bind, bindOptional, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import { workgroupSums } from './shared/sums';

export function crossEntropyGradientKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const logits = operand(node, 0);
  const lossScale = node.inputs[2];
  const [rows, columns] = extents(logits);
  const { enables, pieces } = workgroupSums(device);
  return [
    buildKernel({
      label: node.op,
      enables,
      body: [...pieces, wgsl],
      flags: { SCALED: Boolean(lossScale) },
      bindings: [
        bind('logits', logits),
        bind('labels', operand(node, 1)),
        ...bindOptional('lossScale', lossScale),
        bind('gradient', result(node, 0)),
      ],
      integers: { rows, columns },
      grid: (counts) => spread(rowsOf(logits, counts)),
      multiplyAdds: (counts) => sizeOf(logits, counts) * 20,
    }),
  ];
}
