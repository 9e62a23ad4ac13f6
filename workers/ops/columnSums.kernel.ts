import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './columnSums.wgsl?raw';
import { bind, bindOptional, extents, operand, result, sizeOf } from './shared/operands';

/** Columns of a workgroup. */
const across = 16;

export function columnSumsKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const dy = operand(node, 0);
  const [, x, stats, norms] = node.inputs;
  const y = result(node, 0);
  const [rows, columns] = extents(dy);
  const statsWidth = stats ? extents(stats)[1] : 0;
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      flags: {
        ACROSS: across,
        PRODUCT: Boolean(x),
        SCALED: statsWidth === 1,
        CENTRED: statsWidth === 2,
        DIVIDED: Boolean(norms),
        SLICE: y.role.kind === 'gradient',
        THREADS: device.maxComputeInvocationsPerWorkgroup >= 256 ? 256 : 64,
      },
      bindings: [
        bind('dy', dy),
        ...bindOptional('x', x),
        ...bindOptional('stats', stats),
        ...bindOptional('norms', norms),
        bind('y', y),
      ],
      integers: { rows, columns },
      grid: () => spread(Math.ceil(columns / across)),
      multiplyAdds: (counts) => sizeOf(dy, counts) * 2,
    }),
  ];
}
