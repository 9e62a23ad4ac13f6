import type { WeightGradientAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

const variants: { rows: number; outer: number; columns: number; dropout: number }[] = [
  { rows: 1, outer: 1, columns: 1, dropout: 0 },
  { rows: 3, outer: 65, columns: 8, dropout: 0 },
  { rows: 65, outer: 3, columns: 70, dropout: 0.5 },
  { rows: 70, outer: 8, columns: 256, dropout: 0.1 },
  { rows: 66, outer: 3, columns: 72, dropout: 0 },
  { rows: 130, outer: 192, columns: 8, dropout: 0 },
  { rows: 257, outer: 5, columns: 33, dropout: 0 },
];

export const weightGradientCases: OpCase<WeightGradientAttributes>[] = variants.map(({ rows, outer, columns, dropout }) => {
  const data = new CaseData(rows * columns + outer, rowsOnly(rows));
  return {
    title: `${rows} x ${outer} x ${columns}, dropout ${dropout}`,
    counts: data.counts,
    step: caseStep,
    attributes: { scale: 0.5, dropout, site: 7 },
    inputs: [data.value(['tokens', outer]), data.value(['tokens', columns])],
    gradients: [],
  };
});
