import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { NoAttributes } from './attributes';
import wgsl from './scaleColumnsGradient.wgsl?raw';
import { bind, extents, operand, result, sizeOf } from './shared/operands';

/** Columns of a workgroup. */
const across = 16;

export function scaleColumnsGradientKernel({ node, device }: KernelContext<NoAttributes>): Kernel[] {
  const dy = operand(node, 0);
  const y = result(node, 0);
  const [rows, columns] = extents(dy);
  return [
    buildKernel({
      label: node.op,
      body: [wgsl],
      flags: {
        ACROSS: across,
        SLICE: y.role.kind === 'gradient',
        THREADS: device.maxComputeInvocationsPerWorkgroup >= 256 ? 256 : 64,
      },
      bindings: [bind('dy', dy), bind('x', operand(node, 1)), bind('norms', operand(node, 2)), bind('y', y)],
      integers: { rows, columns },
      grid: () => spread(Math.ceil(columns / across)),
      multiplyAdds: (counts) => sizeOf(dy, counts) * 2,
    }),
  ];
}
