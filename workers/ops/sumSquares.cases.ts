import type { SumSquaresAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const sumSquaresCases: OpCase<SumSquaresAttributes>[] = [
  [1, 1],
  [65, 3],
  [1000, 64],
  [70, 64],
].map(([size = 0, parts = 0]) => {
  const data = new CaseData(size, rowsOnly(1));
  return {
    title: `${size} in ${parts} parts`,
    counts: data.counts,
    step: caseStep,
    attributes: { parts },
    inputs: [data.value([size])],
    gradients: [],
  };
});
