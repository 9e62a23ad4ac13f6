import { buildKernel } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { WeightGradientAttributes } from './attributes';
import dropout from './shared/dropout.wgsl?raw';
import { dropoutFloats, dropoutIntegers } from './shared/dropoutShape';
import { bind, extents, operand, result, rowsOf } from './shared/operands';
import wgsl from './weightGradient.wgsl?raw';

export function weightGradientKernel({ node, attributes, device }: KernelContext<WeightGradientAttributes>): Kernel[] {
  const p = operand(node, 0);
  const q = operand(node, 1);
  const y = result(node, 0);
  const [rows, pColumns] = extents(p);
  const [, qColumns] = extents(q);
  const narrow = Math.min(pColumns, qColumns);
  const wide = Math.max(pColumns, qColumns);
  const drops = attributes.dropout > 0;
  return [
    buildKernel({
      label: node.op,
      body: drops ? [dropout, wgsl] : [wgsl],
      flags: {
        DROPOUT: drops,
        NARROW_P: pColumns <= qColumns,
        SLICE: y.role.kind === 'gradient',
        THREADS: device.maxComputeInvocationsPerWorkgroup >= 256 && device.maxComputeWorkgroupStorageSize >= 8192 ? 256 : 64,
      },
      bindings: [bind('p', p), bind('q', q), bind('y', y)],
      integers: { rows, pColumns, qColumns, ...dropoutIntegers(attributes) },
      floats: { scale: attributes.scale, ...dropoutFloats(attributes) },
      grid: () => [Math.ceil(narrow / 8), Math.ceil(wide / 16), 1],
      multiplyAdds: (counts) => rowsOf(p, counts) * wide * Math.ceil(narrow / 8) * 8 * 1.5,
    }),
  ];
}
