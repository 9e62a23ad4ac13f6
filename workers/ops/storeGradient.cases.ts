import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const storeGradientCases: OpCase<NoAttributes>[] = [
  [1, 1],
  [8, 65],
  [70, 3],
].map(([rows = 0, width = 0]) => {
  const data = new CaseData(rows, rowsOnly(1));
  return {
    title: `${rows} x ${width}`,
    counts: data.counts,
    step: caseStep,
    attributes: {},
    inputs: [data.value([rows, width])],
    gradients: [],
  };
});
