import type { CachedAttentionAttributes } from './attributes';
import { CaseData, caseStep, packedCase, type OpCase } from './opCase';

interface Variant {
  /** New tokens of each sequence, and those that are in the cache already. */
  lengths: readonly number[];
  filled: readonly number[];
  capacity: number;
  heads: number;
  kvHeads: number;
  size: number;
  window?: number;
}

/** A first token, a prompt, single tokens after others, groups of heads, windows, and more keys than a workgroup takes at a time. */
const variants: Variant[] = [
  { lengths: [1], filled: [0], capacity: 2, heads: 1, kvHeads: 1, size: 1 },
  { lengths: [5, 1, 3], filled: [0, 4, 2], capacity: 7, heads: 4, kvHeads: 2, size: 3 },
  { lengths: [1, 1, 1], filled: [70, 0, 63], capacity: 80, heads: 3, kvHeads: 1, size: 16 },
  { lengths: [7, 2], filled: [1, 66], capacity: 70, heads: 2, kvHeads: 2, size: 68, window: 5 },
];

export const cachedAttentionCases: OpCase<CachedAttentionAttributes>[] = variants.map((variant) => {
  const { lengths, filled, capacity, heads, kvHeads, size, window = null } = variant;
  const packed = packedCase(lengths);
  const data = new CaseData(size + heads, packed.counts);
  // The last sequence comes first in the cache.
  const places = Int32Array.from(filled.flatMap((count, index) => [(lengths.length - 1 - index) * capacity, count]));
  return {
    title: `${lengths} after ${filled}, ${heads} heads on ${kvHeads} of ${size}${window ? `, window ${window}` : ''}`,
    counts: packed.counts,
    step: caseStep,
    attributes: { heads, kvHeads, scale: 1 / Math.sqrt(size), window },
    inputs: [
      data.value(['tokens', (heads + 2 * kvHeads) * size]),
      data.value([lengths.length * capacity, 2 * kvHeads * size]),
      packed.segmentOffsets,
      packed.rowSegments,
      { kind: 'integers', name: 'places', shape: ['sequences', 2], values: places },
    ],
    gradients: [],
  };
});
