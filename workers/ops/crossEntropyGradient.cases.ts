import type { NoAttributes } from './attributes';
import { crossEntropyCases } from './crossEntropy.cases';
import { lossScaleInput } from './gradientNorm.cases';
import type { OpCase } from './opCase';

export const crossEntropyGradientCases: OpCase<NoAttributes>[] = crossEntropyCases.flatMap((forward) => [
  { ...forward, gradients: [] },
  {
    ...forward,
    title: `${forward.title}, loss scale 512`,
    inputs: [...forward.inputs, lossScaleInput(512)],
    gradients: [],
  },
]);
