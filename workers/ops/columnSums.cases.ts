import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

interface Variant {
  rows: number;
  columns: number;
  /** Columns of the stats of x; 0: x as it is. Absent: no x. */
  stats?: 0 | 1 | 2;
  norms?: boolean;
}

const variants: readonly Variant[] = [
  { rows: 1, columns: 1, stats: 0, norms: true },
  { rows: 3, columns: 70, stats: 0, norms: true },
  { rows: 65, columns: 12, stats: 0, norms: true },
  { rows: 131, columns: 36, stats: 0, norms: true },
  { rows: 70, columns: 65, stats: 0, norms: true },
  { rows: 1, columns: 1 },
  { rows: 70, columns: 65 },
  { rows: 131, columns: 36 },
  { rows: 3, columns: 12, stats: 1 },
  { rows: 131, columns: 70, stats: 1 },
  { rows: 3, columns: 12, stats: 2 },
  { rows: 131, columns: 70, stats: 2 },
];

export const columnSumsCases: OpCase<NoAttributes>[] = variants.map(({ rows, columns, stats, norms = false }) => {
  const data = new CaseData(rows + columns, rowsOnly(rows));
  const parts = [stats ? `x by ${stats} stats` : stats === 0 ? 'x' : '', norms ? 'norms' : ''];
  return {
    title: [`${rows} rows of ${columns}`, ...parts.filter((part) => part !== '')].join(', '),
    counts: data.counts,
    step: caseStep,
    attributes: {},
    inputs: [
      data.value(['tokens', columns]),
      stats === undefined ? null : data.value(['tokens', columns]),
      stats ? data.value(['tokens', stats], 0.3, 1) : null,
      norms ? data.value([columns, 1], 0.2, 3) : null,
    ],
    gradients: [],
  };
});
