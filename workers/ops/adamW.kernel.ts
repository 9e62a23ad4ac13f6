import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import wgsl from './adamW.wgsl?raw';
import type { AdamWAttributes } from './attributes';
import finite from './shared/finite.wgsl?raw';
import { bind, bindOptional, operand } from './shared/operands';

/** Works in place: its outputs are its inputs `parameters`, `firstMoment` and `secondMoment`. */
export function adamWKernel({ node, attributes }: KernelContext<AdamWAttributes>): Kernel[] {
  const size = Number(operand(node, 0).shape[0]);
  const lossScale = node.inputs[5];
  const { beta1, beta2, epsilon, undecayed } = attributes;
  return [
    buildKernel({
      label: node.op,
      body: [finite, wgsl],
      flags: { SCALED: Boolean(lossScale) },
      bindings: [
        ...['parameters', 'gradients', 'firstMoment', 'secondMoment', 'norm'].map((name, index) =>
          bind(name, operand(node, index)),
        ),
        ...bindOptional('lossScale', lossScale),
      ],
      integers: { size, undecayed },
      floats: { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon },
      grid: () => spread(Math.ceil(size / 64)),
      multiplyAdds: () => size * 12,
    }),
  ];
}
