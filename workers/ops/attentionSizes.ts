import type { Attributes, Node } from '../engine/graph';
import { attentionCase, setupsOfSize, type AttentionSetup } from './attention.cases';
import { attentionGradientCase, hasGradient } from './attentionGradient.cases';
import type { AttentionAttributes } from './attributes';
import type { OpCase } from './opCase';
import { pooledAttentionCase } from './pooledAttention.cases';
import { pooledAttentionGradientCase } from './pooledAttentionGradient.cases';

const made = new Map<string, OpCase<AttentionAttributes>[]>();

type Cases = (setups: readonly AttentionSetup[]) => OpCase<AttentionAttributes>[];

const makers: Readonly<Record<string, Cases>> = {
  attention: (setups) => setups.map(attentionCase),
  attentionGradient: (setups) => setups.map(attentionCase).filter(hasGradient).map(attentionGradientCase),
  pooledAttention: (setups) => setups.map(pooledAttentionCase),
  pooledAttentionGradient: (setups) => setups.map(pooledAttentionCase).filter(hasGradient).map(pooledAttentionGradientCase),
};

/**
 * Cases with heads as large as the node's. Attention keeps a head in registers, so each size has kernels of its own; the
 * suites compile a few sizes, a proof the one that a model has. None for other ops.
 */
export function casesOfHeadSize({ op, inputs, outputs, attributes }: Node): OpCase<Attributes>[] {
  const make = makers[op];
  const like = op.endsWith('Gradient') ? inputs[0] : outputs[0];
  const size = Number(like?.shape[1]) / Number(attributes['heads']);
  if (!make || !Number.isInteger(size)) return [];
  const key = `${op} ${size}`;
  const cases = made.get(key) ?? make(setupsOfSize(size));
  made.set(key, cases);
  return cases;
}
