import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const embeddingCases: OpCase<NoAttributes>[] = [
  { rows: 1, width: 1, places: true },
  { rows: 3, width: 65, places: true },
  { rows: 70, width: 8, places: true },
  { rows: 33, width: 96, places: true },
  { rows: 7, width: 5, places: false },
  { rows: 65, width: 96, places: false },
].map(({ rows, width, places }) => {
  const data = new CaseData(rows, rowsOnly(rows));
  const ids = data.integers('inputIds', ['tokens'], 67);
  const positions = data.integers('positions', ['tokens'], 13);
  const wte = data.weight([67, width]);
  const inputs = places ? [ids, positions, wte, data.weight([13, width])] : [ids, null, wte, null];
  const title = `${rows} rows of ${width}${places ? '' : ', no positions'}`;
  return { title, counts: data.counts, step: caseStep, attributes: {}, inputs, gradients: [] };
});
