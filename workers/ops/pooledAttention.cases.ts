import { attentionSetups, type AttentionSetup } from './attention.cases';
import type { AttentionAttributes } from './attributes';
import { caseStep, type OpCase } from './opCase';

export const pooledAttentionCases = attentionSetups.map(pooledAttentionCase);

export function pooledAttentionCase({
  title,
  attributes,
  packed,
  size,
  branches,
  data,
}: AttentionSetup): OpCase<AttentionAttributes> {
  return {
    title,
    counts: packed.counts,
    step: caseStep,
    attributes,
    inputs: [
      data.value(['targets', attributes.heads * size], 1.5),
      data.value(['tokens', 2 * attributes.kvHeads * size], 1.5),
      packed.segmentOffsets,
      packed.pooledRows,
      packed.targetStarts,
      packed.rowTargets,
      branches ? packed.rowBranches : null,
    ],
    gradients: branches ? [] : [0, 1],
  };
}
