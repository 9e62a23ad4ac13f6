import type { DropAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

export const dropCases: OpCase<DropAttributes>[] = [
  { rows: 1, columns: 1, complement: false, dropout: 0.5 },
  { rows: 3, columns: 70, complement: true, dropout: 0.5 },
  { rows: 65, columns: 33, complement: false, dropout: 0.1 },
  { rows: 70, columns: 68, complement: false, dropout: 0.25 },
  { rows: 5, columns: 260, complement: true, dropout: 0.1 },
].map(({ rows, columns, complement, dropout }) => {
  const data = new CaseData(rows + columns, rowsOnly(rows));
  return {
    title: `${rows} rows of ${columns}, dropout ${dropout}${complement ? ', complement' : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: { dropout, site: 5, complement },
    inputs: [data.value(['tokens', columns])],
    gradients: [0],
  };
});
