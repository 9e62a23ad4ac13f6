import type { ExpandAttributes, ExpandLayout } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

const variants: { rows: number; rank: number; columns: number; layout: ExpandLayout; dropout: number }[] = [
  { rows: 1, rank: 1, columns: 1, layout: 'outRank', dropout: 0 },
  { rows: 3, rank: 8, columns: 65, layout: 'outRank', dropout: 0 },
  { rows: 65, rank: 3, columns: 70, layout: 'rankOut', dropout: 0.5 },
  { rows: 70, rank: 16, columns: 256, layout: 'rankOut', dropout: 0.1 },
  { rows: 65, rank: 5, columns: 33, layout: 'rankOut', dropout: 0 },
  { rows: 70, rank: 8, columns: 128, layout: 'outRank', dropout: 0.25 },
];

export const expandCases: OpCase<ExpandAttributes>[] = variants.map(({ rows, rank, columns, layout, dropout }) => {
  const data = new CaseData(rows * columns + rank, rowsOnly(rows));
  const b = data.value(layout === 'outRank' ? [columns, rank] : [rank, columns]);
  return {
    title: `${rows} x ${rank} x ${columns}, ${layout}, dropout ${dropout}`,
    counts: data.counts,
    step: caseStep,
    attributes: { layout, scale: 2, dropout, site: 5 },
    inputs: [data.value(['tokens', rank]), b],
    gradients: layout === 'outRank' && dropout === 0 ? [0, 1] : [0],
  };
});
