import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const gradientNormCases: OpCase<NoAttributes>[] = [1, 3, 65, 64].map((parts) => {
  const data = new CaseData(parts, rowsOnly(1));
  // Sums of squares: never negative.
  const partials = data.value([parts]);
  partials.values.forEach((partial, index) => (partials.values[index] = partial * partial));
  return { title: `${parts} parts`, counts: data.counts, step: caseStep, attributes: {}, inputs: [partials], gradients: [] };
});
