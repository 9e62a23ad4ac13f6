import type { NoAttributes } from './attributes';
import { withExtremes } from './gelu.cases';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const swigluCases: OpCase<NoAttributes>[] = [
  [1, 1],
  [3, 65],
  [70, 33],
  [5, 68],
].map(([rows = 0, width = 0]) => {
  const data = new CaseData(rows, rowsOnly(rows));
  const inputs = [withExtremes(data.value(['tokens', width], 2)), data.value(['tokens', width])];
  return { title: `${rows} x ${width}`, counts: data.counts, step: caseStep, attributes: {}, inputs, gradients: [0, 1] };
});
