import { buildKernel } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { UpdateLossScaleAttributes } from './attributes';
import finite from './shared/finite.wgsl?raw';
import { bind, operand, result } from './shared/operands';
import wgsl from './updateLossScale.wgsl?raw';

/** May work in place. */
export function updateLossScaleKernel({ node, attributes }: KernelContext<UpdateLossScaleAttributes>): Kernel[] {
  const { beta1, beta2, interval } = attributes;
  return [
    buildKernel({
      label: node.op,
      body: [finite, wgsl],
      bindings: [bind('state', operand(node, 0)), bind('norm', operand(node, 1)), bind('next', result(node, 0))],
      floats: { interval, rest1: 1 - beta1, rest2: 1 - beta2 },
      grid: () => [1, 1, 1],
      multiplyAdds: () => 4,
      splittable: false,
    }),
  ];
}
