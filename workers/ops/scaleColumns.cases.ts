import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const scaleColumnsCases: OpCase<NoAttributes>[] = [
  { rows: 1, columns: 1, bias: false },
  { rows: 3, columns: 70, bias: true },
  { rows: 65, columns: 33, bias: false },
  { rows: 70, columns: 68, bias: true },
  { rows: 5, columns: 260, bias: false },
].map(({ rows, columns, bias }) => {
  const data = new CaseData(rows + columns, rowsOnly(rows));
  return {
    title: `${rows} rows of ${columns}${bias ? ', bias' : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: {},
    inputs: [
      data.value(['tokens', columns]),
      data.value([columns, 1], 0.2, 2),
      data.value([columns, 1], 0.2, 3),
      bias ? data.weight([columns]) : null,
    ],
    gradients: [0, 1],
  };
});
