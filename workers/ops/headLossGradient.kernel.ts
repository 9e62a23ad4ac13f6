import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { HeadLossAttributes } from './attributes';
import { headChunks, logitsOf } from './headLoss.kernel';
import wgsl from './headLossGradient.wgsl?raw';
import { optionalInput } from './shared/inputs';
import { fromWindow, towardsWindow, widthOf } from './shared/matmul/windowMatmul';
import { bind, bindOptional, extents, operand, result, rowsOf } from './shared/operands';

/** For each chunk of the vocabulary its logits once more, their gradients in the same place, and what those give to hidden. */
export function headLossGradientKernel({ node, attributes, device }: KernelContext<HeadLossAttributes>): Kernel[] {
  const [hidden, head, labels, statistics] = [operand(node, 0), operand(node, 1), operand(node, 2), operand(node, 3)];
  const lossScale = optionalInput(node.inputs, 4);
  const logits = logitsOf(node);
  const [rows] = extents(hidden);
  return headChunks(head, attributes.chunk, device.maxStorageBufferBindingSize).flatMap((window) => {
    const parts = { weight: head, window, device };
    const stride = widthOf(window);
    return [
      towardsWindow({ ...parts, label: `${node.op} logits`, x: hidden, y: logits }),
      buildKernel({
        label: node.op,
        body: [wgsl],
        flags: { SCALED: lossScale !== null },
        bindings: [
          bind('logits', logits),
          bind('labels', labels),
          bind('statistics', statistics),
          ...bindOptional('lossScale', lossScale),
        ],
        integers: { rows, first: window.first, entries: window.end - window.first, stride },
        grid: (counts) => spread(Math.ceil((rowsOf(hidden, counts) * stride) / 64)),
        multiplyAdds: (counts) => rowsOf(hidden, counts) * stride * 10,
      }),
      fromWindow({ ...parts, label: `${node.op} sum`, x: logits, y: result(node, 0) }, window.first > 0),
    ];
  });
}
