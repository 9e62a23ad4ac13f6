import type { Node, Value } from '../engine/graph';
import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import { rowWindows } from '../engine/wgsl/rowWindows';
import type { HeadLossAttributes } from './attributes';
import merge from './headLoss.wgsl?raw';
import total from './headLossTotal.wgsl?raw';
import { towardsWindow, widthOf, type WeightWindow } from './shared/matmul/windowMatmul';
import { bind, extents, operand, result, rowsOf } from './shared/operands';
import workgroupSum from './shared/workgroupSum.wgsl?raw';

/** For each chunk of the vocabulary its logits, and what they add to the statistics; at the end the loss. */
export function headLossKernel({ node, attributes, device }: KernelContext<HeadLossAttributes>): Kernel[] {
  const [hidden, head, labels] = [operand(node, 0), operand(node, 1), operand(node, 2)];
  const [loss, statistics] = [result(node, 0), result(node, 1)];
  const logits = logitsOf(node);
  const [rows] = extents(hidden);
  const chunks = headChunks(head, attributes.chunk, device.maxStorageBufferBindingSize).flatMap((window) => [
    towardsWindow({ label: `${node.op} logits`, x: hidden, weight: head, window, y: logits, device }),
    buildKernel({
      label: node.op,
      body: [workgroupSum, merge],
      bindings: [bind('logits', logits), bind('labels', labels), bind('statistics', statistics)],
      integers: { rows, first: window.first, entries: window.end - window.first, stride: widthOf(window) },
      grid: (counts) => spread(rowsOf(hidden, counts)),
      multiplyAdds: (counts) => rowsOf(hidden, counts) * widthOf(window) * 10,
    }),
  ]);
  const sum = buildKernel({
    label: `${node.op} total`,
    body: [workgroupSum, total],
    bindings: [bind('statistics', statistics), bind('loss', loss)],
    integers: { rows },
    grid: () => [1, 1, 1],
    multiplyAdds: (counts) => rowsOf(hidden, counts),
    splittable: false,
  });
  return [...chunks, sum];
}

/** The room for a chunk's logits. */
export function logitsOf(node: Node): Value {
  const logits = node.scratch?.[0];
  if (!logits) throw new Error(`${node.op} has no room for its logits.`);
  return logits;
}

/** The head's rows in chunks, each within one buffer. */
export function headChunks(head: Value, chunk: number, maxBindingBytes: number): WeightWindow[] {
  const whole = { begin: 0, end: Number(head.shape[0]) };
  const buffers = head.role.kind === 'weight' ? rowWindows(head, maxBindingBytes) : [whole];
  return buffers.flatMap((buffer) =>
    Array.from({ length: Math.ceil((buffer.end - buffer.begin) / chunk) }, (_, index) => {
      const first = buffer.begin + index * chunk;
      return { first, end: Math.min(buffer.end, first + chunk), buffer };
    }),
  );
}
