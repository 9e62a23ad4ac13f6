import type { RmsNormAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const rmsNormCases: OpCase<RmsNormAttributes>[] = [
  { rows: 1, width: 3, residual: false },
  { rows: 3, width: 70, residual: false },
  { rows: 65, width: 1, residual: false },
  { rows: 70, width: 256, residual: false },
  { rows: 5, width: 65, residual: true },
  { rows: 65, width: 128, residual: true },
  { rows: 5, width: 260, residual: true },
  { rows: 3, width: 12, residual: true },
].map(({ rows, width, residual }) => {
  const data = new CaseData(rows + width, rowsOnly(rows));
  const inputs = [
    data.value(['tokens', width], 2, 0.7),
    data.weight([width], 0.3, 1),
    residual ? data.value(['tokens', width]) : null,
  ];
  return {
    title: `${rows} rows of ${width}${residual ? ', residual' : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: { epsilon: 1e-5 },
    inputs,
    // A row of one number has next to no slope.
    gradients: residual ? [] : width === 1 ? [1] : [0, 1],
  };
});
