import type { NoAttributes } from './attributes';
import { CaseData, caseStep, packedCase, packedLengths, type OpCase } from './opCase';

export const scatterRowsCases: OpCase<NoAttributes>[] = packedLengths.flatMap((lengths, index) =>
  [false, true].map((base) => {
    const packed = packedCase(lengths);
    const data = new CaseData(index, packed.counts);
    const width = [1, 65, 68][index] ?? 8;
    const inputs = [
      data.value(['targets', width]),
      packed.pooledRows,
      packed.rowTargets,
      base ? data.value(['tokens', width]) : null,
    ];
    const title = `lengths ${lengths}${base ? ', base' : ''}`;
    return { title, counts: packed.counts, step: caseStep, attributes: {}, inputs, gradients: [] };
  }),
);
