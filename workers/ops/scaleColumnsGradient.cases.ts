import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const scaleColumnsGradientCases: OpCase<NoAttributes>[] = [
  { rows: 1, columns: 1 },
  { rows: 3, columns: 70 },
  { rows: 65, columns: 12 },
  { rows: 131, columns: 36 },
  { rows: 70, columns: 65 },
].map(({ rows, columns }) => {
  const data = new CaseData(rows + columns, rowsOnly(rows));
  return {
    title: `${rows} rows of ${columns}`,
    counts: data.counts,
    step: caseStep,
    attributes: {},
    inputs: [data.value(['tokens', columns]), data.value(['tokens', columns]), data.value([columns, 1], 0.2, 3)],
    gradients: [],
  };
});
