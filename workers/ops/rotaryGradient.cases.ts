import type { RotaryGradientAttributes } from './attributes';
import { CaseData, caseStep, packedCase, type OpCase } from './opCase';
import { caseFrequencies, placesOf, rotaryShapes, titleOf } from './rotary.cases';

export const rotaryGradientCases: OpCase<RotaryGradientAttributes>[] = rotaryShapes.map((shape) => {
  const { lengths, heads, kvHeads, headSize, pooled } = shape;
  const data = new CaseData(lengths.length + headSize, packedCase(lengths).counts);
  const dy = data.value([pooled ? 'targets' : 'tokens', (heads + 2 * kvHeads) * headSize]);
  return {
    title: titleOf(shape),
    counts: data.counts,
    step: caseStep,
    attributes: { frequencies: caseFrequencies(headSize), heads, kvHeads },
    inputs: [dy, ...placesOf(data, shape)],
    gradients: [],
  };
});
