import type { RowNormsAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

// Rows of weights are of five blocks in two of them, so that those of int8 begin in the middle of a group.
export const rowNormsCases: OpCase<RowNormsAttributes>[] = [
  { inner: 70, outer: 65, rank: 3, transposed: false },
  { inner: 65, outer: 70, rank: 5, transposed: true },
  { inner: 72, outer: 160, rank: 8, transposed: false },
  { inner: 160, outer: 72, rank: 8, transposed: true },
  { inner: 800, outer: 33, rank: 2, transposed: true },
  { inner: 1, outer: 1, rank: 1, transposed: false },
].map(({ inner, outer, rank, transposed }) => {
  const data = new CaseData(inner + outer, rowsOnly(4));
  return {
    title: `${outer} rows of ${inner}, rank ${rank}${transposed ? ', transposed' : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: { transposed, scale: 1.5 },
    inputs: [
      data.weight(transposed ? [outer, inner] : [inner, outer]),
      data.value([rank, inner], 0.4),
      data.value([outer, rank], 0.4),
    ],
    gradients: [],
  };
});
