import type { HeadLossAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

/** Widths and vocabularies that do and do not divide by four, in one chunk, in several, and with a last chunk of one entry. */
export const headSizes = [
  { rows: 1, width: 4, entries: 5, chunk: 8 },
  { rows: 3, width: 7, entries: 33, chunk: 16 },
  { rows: 65, width: 8, entries: 65, chunk: 32 },
  { rows: 7, width: 64, entries: 257, chunk: 128 },
  { rows: 70, width: 68, entries: 128, chunk: 128 },
] as const;

export const headLossCases: OpCase<HeadLossAttributes>[] = headSizes.map(({ rows, width, entries, chunk }) => {
  const data = new CaseData(rows * width + entries, rowsOnly(rows));
  return {
    title: `${rows} x ${width}, ${entries} entries by ${chunk}`,
    counts: data.counts,
    step: caseStep,
    attributes: { chunk },
    inputs: [
      data.value(['tokens', width]),
      data.weight([entries, width], 2 / Math.sqrt(width)),
      data.integers('labels', ['tokens'], entries),
    ],
    gradients: [0],
  };
});
