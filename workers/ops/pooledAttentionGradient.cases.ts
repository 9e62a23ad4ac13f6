import { hasGradient, resultsOf } from './attentionGradient.cases';
import type { AttentionAttributes } from './attributes';
import { CaseData, type OpCase } from './opCase';
import { pooledAttention } from './pooledAttention';
import { pooledAttentionCases } from './pooledAttention.cases';

export const pooledAttentionGradientCases = pooledAttentionCases.filter(hasGradient).map(pooledAttentionGradientCase);

export function pooledAttentionGradientCase(forward: OpCase<AttentionAttributes>, index: number): OpCase<AttentionAttributes> {
  const results = resultsOf(pooledAttention, forward);
  const dout = new CaseData(100 + index, forward.counts).value(results[0]?.shape ?? []);
  return { ...forward, inputs: [dout, ...results, ...forward.inputs.slice(0, 6)], gradients: [] };
}
