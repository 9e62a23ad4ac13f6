import type { NoAttributes } from './attributes';
import { CaseData, caseStep, packedCase, packedLengths, type OpCase } from './opCase';

export const gatherRowsCases: OpCase<NoAttributes>[] = packedLengths.map((lengths, index) => {
  const packed = packedCase(lengths);
  const data = new CaseData(index, packed.counts);
  const inputs = [data.value(['tokens', [1, 65, 68][index] ?? 8]), packed.pooledRows];
  return { title: `lengths ${lengths}`, counts: packed.counts, step: caseStep, attributes: {}, inputs, gradients: [0] };
});
