import type { AttentionAttributes } from './attributes';
import { CaseData, caseStep, packedCase, packedLengths, type OpCase } from './opCase';

/** Heads and the columns of one. */
export const headShapes: readonly (readonly [heads: number, size: number])[] = [
  [1, 1],
  [3, 5],
  [2, 64],
];

export const attentionCases: OpCase<AttentionAttributes>[] = packedLengths.map((lengths, index) => {
  const [heads, size] = headShapes[index] ?? [1, 8];
  const packed = packedCase(lengths);
  const data = new CaseData(index, packed.counts);
  return {
    title: `lengths ${lengths}, ${heads} heads of ${size}`,
    counts: packed.counts,
    step: caseStep,
    attributes: { heads, scale: 1 / Math.sqrt(size) },
    inputs: [data.value(['tokens', 3 * heads * size], 1.5), packed.segmentOffsets, packed.rowSegments],
    gradients: [0],
  };
});
