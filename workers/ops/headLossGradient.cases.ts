import { resolveShape } from '../engine/shape';
import type { HeadLossAttributes } from './attributes';
import { headLoss } from './headLoss';
import { headLossCases } from './headLoss.cases';
import type { OpCase } from './opCase';

/** With the statistics that the forward pass gives; every second case with a loss scale. */
export const headLossGradientCases: OpCase<HeadLossAttributes>[] = headLossCases.map((testCase, index) => {
  const { inputs, attributes, counts, step } = testCase;
  const values = inputs.map((input) => input && Float64Array.from(input.values));
  const shapes = inputs.map((input) => input && resolveShape(input.shape, counts));
  const [, statistics] = headLoss.reference(values, shapes, attributes, { counts, step });
  const own = { kind: 'value', shape: ['tokens', 2], values: Float32Array.from(statistics ?? []) } as const;
  const scale = { kind: 'value', shape: [4], values: Float32Array.of(64, 0, 1, 1) } as const;
  const title = index % 2 ? `${testCase.title}, scaled` : testCase.title;
  return { ...testCase, title, inputs: [...inputs, own, ...(index % 2 ? [scale] : [])], gradients: [] };
});
