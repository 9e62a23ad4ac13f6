import { headShapes } from './attention.cases';
import type { AttentionAttributes } from './attributes';
import { CaseData, caseStep, packedCase, packedLengths, type OpCase } from './opCase';

export const pooledAttentionCases: OpCase<AttentionAttributes>[] = packedLengths.map((lengths, index) => {
  const [heads, size] = headShapes[index] ?? [1, 8];
  const packed = packedCase(lengths);
  const data = new CaseData(index, packed.counts);
  const q = data.value(['sequences', heads * size], 1.5);
  const kv = data.value(['tokens', 2 * heads * size], 1.5);
  return {
    title: `lengths ${lengths}, ${heads} heads of ${size}`,
    counts: packed.counts,
    step: caseStep,
    attributes: { heads, scale: 1 / Math.sqrt(size) },
    inputs: [q, kv, packed.segmentOffsets, packed.rowSegments, packed.pooledRows],
    gradients: [0, 1],
  };
});
