import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const embeddingCases: OpCase<NoAttributes>[] = [
  [1, 1],
  [3, 65],
  [70, 8],
].map(([rows = 0, width = 0]) => {
  const data = new CaseData(rows, rowsOnly(rows));
  const ids = data.integers('inputIds', ['tokens'], 67);
  const positions = data.integers('positions', ['tokens'], 13);
  const inputs = [ids, positions, data.weight([67, width]), data.weight([13, width])];
  return { title: `${rows} rows of ${width}`, counts: data.counts, step: caseStep, attributes: {}, inputs, gradients: [] };
});
