import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { CachedAttentionAttributes } from './attributes';
import attend from './cachedAttention.wgsl?raw';
import append from './cachedAttentionAppend.wgsl?raw';
import copy from './cachedAttentionCopy.wgsl?raw';
import { headSize } from './shared/cachedHeads';
import { bind, extents, operand, result, rowsOf, sizeOf } from './shared/operands';
import workgroupSum from './shared/workgroupSum.wgsl?raw';

/** Numbers of a head that the kernel's threads can hold. */
const mostHeadSize = 256;

/** The new keys and values go into the cache, then a workgroup for each new row and head goes over all that it sees. */
export function cachedAttentionKernel({ node, attributes }: KernelContext<CachedAttentionAttributes>): Kernel[] {
  const [qkv, cache] = [operand(node, 0), operand(node, 1)];
  const [out, kept] = [result(node, 0), result(node, 1)];
  const [rows, columns] = extents(qkv);
  const [cacheRows, width] = extents(kept);
  const { heads, kvHeads, scale, window } = attributes;
  const size = headSize(columns, attributes);
  if (size > mostHeadSize) throw new RangeError(`${node.op} takes heads of ${mostHeadSize} numbers at most, not ${size}.`);
  const where = [
    bind('segmentOffsets', operand(node, 2)),
    bind('rowSegments', operand(node, 3)),
    bind('places', operand(node, 4)),
  ];
  const copied = buildKernel({
    label: `${node.op} copy`,
    body: [copy],
    bindings: [bind('cache', cache), bind('kept', kept)],
    integers: { count: Number(cacheRows) * width },
    grid: () => spread(Math.ceil((Number(cacheRows) * width) / 64)),
    multiplyAdds: (counts) => sizeOf(kept, counts),
  });
  const appended = buildKernel({
    label: `${node.op} append`,
    body: [append],
    bindings: [bind('qkv', qkv), ...where, bind('kept', kept)],
    integers: { rows, columns, width },
    grid: (counts) => spread(Math.ceil((rowsOf(qkv, counts) * width) / 64)),
    multiplyAdds: (counts) => rowsOf(qkv, counts) * width,
  });
  const attended = buildKernel({
    label: node.op,
    body: [workgroupSum, attend],
    flags: { PARTS: Math.ceil(size / 64), MOST: mostHeadSize },
    bindings: [bind('qkv', qkv), ...where, bind('kept', kept), bind('out', out)],
    integers: { rows, columns, width, heads, kvHeads, size, window: window ?? 0 },
    floats: { scale },
    grid: (counts) => spread(rowsOf(qkv, counts) * heads),
    // How much of the cache is filled is not known here: an eighth of it, as in a conversation at its beginning.
    multiplyAdds: (counts) => (rowsOf(qkv, counts) * heads * size * Number(cacheRows)) / Math.max(1, counts.sequences) / 4,
  });
  return kept.id === cache.id ? [appended, attended] : [copied, appended, attended];
}
