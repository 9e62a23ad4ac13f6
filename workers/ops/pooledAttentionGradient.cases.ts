import { hasGradient, resultsOf } from './attentionGradient.cases';
import type { AttentionAttributes } from './attributes';
import { CaseData, type OpCase } from './opCase';
import { pooledAttention } from './pooledAttention';
import { pooledAttentionCases } from './pooledAttention.cases';

export const pooledAttentionGradientCases: OpCase<AttentionAttributes>[] = pooledAttentionCases
  .filter(hasGradient)
  .map((forward, index) => {
    const results = resultsOf(pooledAttention, forward);
    const dout = new CaseData(100 + index, forward.counts).value(results[0]?.shape ?? []);
    return { ...forward, inputs: [dout, ...results, ...forward.inputs.slice(0, 6)], gradients: [] };
  });
