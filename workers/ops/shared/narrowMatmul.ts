import type { Value } from '../../engine/graph';
import { buildKernel } from '../../engine/wgsl/buildKernel';
import type { DeviceTraits, Kernel } from '../../engine/wgsl/kernel';
import type { Dropout } from '../attributes';
import wgsl from '../project.wgsl?raw';
import dropout from './dropout.wgsl?raw';
import { dropoutFloats, dropoutIntegers } from './dropoutShape';
import { bind, bindOptional, extents, rowsOf } from './operands';
import { narrowSums } from './sums';

export interface NarrowMatmul {
  label: string;
  x: Value;
  a: Value;
  bias: Value | null;
  y: Value;
  /** True: a is (columns of y, inner). */
  rankIn: boolean;
  scale: number;
  mask: Dropout;
  device: DeviceTraits;
}

/** scale * drop(x) a + bias where y has few columns: the inner dimension is shared by the threads of a workgroup. */
export function narrowMatmulKernel({ label, x, a, bias, y, rankIn, scale, mask, device }: NarrowMatmul): Kernel {
  const [rows, inner] = extents(x);
  const [, columns] = extents(y);
  const drops = mask.dropout > 0;
  const { enables, pieces } = narrowSums(device);
  return buildKernel({
    label,
    enables,
    body: [...pieces, ...(drops ? [dropout] : []), wgsl],
    flags: { DROPOUT: drops, RANK_IN: rankIn, BIAS: Boolean(bias), SUBGROUPS: enables.length > 0 },
    bindings: [bind('x', x), bind('a', a), ...bindOptional('bias', bias), bind('y', y)],
    integers: { rows, inner, columns, ...dropoutIntegers(mask) },
    floats: { scale, ...dropoutFloats(mask) },
    grid: (counts) => [Math.ceil(columns / 8), Math.ceil(rowsOf(x, counts) / 4), 1],
    multiplyAdds: (counts) => rowsOf(x, counts) * inner * Math.ceil(columns / 8) * 8 * 1.5,
  });
}
