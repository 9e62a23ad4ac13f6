import type { AttentionAttributes } from './attributes';
import { CaseData, caseStep, packedCase, packedLengths, type OpCase, type PackedCase } from './opCase';

/** How a case's attention is split into heads. */
export interface HeadShape {
  heads: number;
  kvHeads: number;
  size: number;
}

/** Heads of one size share their kernels, which take long to compile: where that does not matter, the size is one that was there. */
const headShapes: readonly HeadShape[] = [
  { heads: 1, kvHeads: 1, size: 1 },
  { heads: 3, kvHeads: 3, size: 5 },
  { heads: 2, kvHeads: 2, size: 64 },
];

/** Queries that share keys, windows shorter and longer than sequences, several targets and none, branches. */
const manners: readonly { shape: HeadShape; window: number | null; targets: readonly number[]; branches: boolean }[] = [
  { shape: { heads: 6, kvHeads: 2, size: 5 }, window: null, targets: [2, 0, 9], branches: false },
  { shape: { heads: 4, kvHeads: 1, size: 64 }, window: 6, targets: [3, 1, 40, 0], branches: false },
  { shape: { heads: 3, kvHeads: 3, size: 5 }, window: 50, targets: [1, 0, 70], branches: false },
  { shape: { heads: 4, kvHeads: 2, size: 64 }, window: null, targets: [1, 1, 20, 2], branches: true },
];

/** What the cases of both kinds of attention begin with. */
export interface AttentionSetup {
  title: string;
  attributes: AttentionAttributes;
  packed: PackedCase;
  size: number;
  branches: boolean;
  data: CaseData;
}

export const attentionSetups: readonly AttentionSetup[] = [
  ...packedLengths.map((lengths, index) => {
    const shape = headShapes[index] ?? { heads: 1, kvHeads: 1, size: 8 };
    return setup(index, lengths, shape, { window: null, targets: [1], branches: false });
  }),
  ...manners.map((manner, index) => setup(10 + index, packedLengths.at(-1) ?? [], manner.shape, manner)),
];

function setup(
  seed: number,
  lengths: readonly number[],
  { heads, kvHeads, size }: HeadShape,
  { window, targets, branches }: { window: number | null; targets: readonly number[]; branches: boolean },
): AttentionSetup {
  const packed = packedCase(lengths, targets);
  const shared = kvHeads === heads ? '' : ` on ${kvHeads}`;
  const seen = `${window === null ? '' : `, window ${window}`}${branches ? ', branches' : ''}`;
  return {
    title: `lengths ${lengths}, ${packed.counts.targets} targets, ${heads} heads${shared} of ${size}${seen}`,
    attributes: { heads, kvHeads, scale: 1 / Math.sqrt(size), window },
    packed,
    size,
    branches,
    data: new CaseData(seed, packed.counts),
  };
}

/** For heads of another size, as a model may have them: keys shared, with a window or with branches. */
export function setupsOfSize(size: number): AttentionSetup[] {
  const [lengths, shape, targets] = [[5, 1, 39, 2], { heads: 4, kvHeads: 2, size }, [3, 1, 20, 0]];
  return [
    setup(20, lengths, shape, { window: 6, targets, branches: false }),
    setup(21, lengths, shape, { window: null, targets, branches: true }),
  ];
}

export const attentionCases = attentionSetups.map(attentionCase);

export function attentionCase({ title, attributes, packed, size, branches, data }: AttentionSetup): OpCase<AttentionAttributes> {
  return {
    title,
    counts: packed.counts,
    step: caseStep,
    attributes,
    inputs: [
      data.value(['tokens', (attributes.heads + 2 * attributes.kvHeads) * size], 1.5),
      packed.segmentOffsets,
      packed.rowSegments,
      branches ? packed.rowBranches : null,
    ],
    gradients: branches ? [] : [0],
  };
}
