import type { NoAttributes } from './attributes';
import { crossEntropyCases } from './crossEntropy.cases';
import type { OpCase } from './opCase';

export const crossEntropyGradientCases: OpCase<NoAttributes>[] = crossEntropyCases.map((forward) => ({
  ...forward,
  gradients: [],
}));
