import { elementCount, resolveShape } from '../engine/shape';
import { attention } from './attention';
import { attentionCases } from './attention.cases';
import type { AttentionAttributes } from './attributes';
import { CaseData, caseStep, type CaseInput, type OpCase } from './opCase';
import type { OpDefinition } from '../engine/op';

export const attentionGradientCases = attentionCases.filter(hasGradient).map(attentionGradientCase);

export function attentionGradientCase(forward: OpCase<AttentionAttributes>, index: number): OpCase<AttentionAttributes> {
  const results = resultsOf(attention, forward);
  const dout = new CaseData(100 + index, forward.counts).value(results[0]?.shape ?? []);
  return { ...forward, inputs: [dout, ...results, ...forward.inputs.slice(0, 3)], gradients: [] };
}

/** Branches are for scoring. */
export function hasGradient({ gradients }: OpCase<AttentionAttributes>): boolean {
  return gradients.length > 0;
}

/** What a forward op hands to its gradient. */
export function resultsOf(
  op: OpDefinition<AttentionAttributes>,
  { inputs, attributes, counts }: OpCase<AttentionAttributes>,
): CaseInput[] {
  const shapes = op.inferShape(
    inputs.map((input) => input && input.shape),
    attributes,
  );
  const values = inputs.map((input) => input && Float64Array.from(input.values));
  const sizes = inputs.map((input) => input && resolveShape(input.shape, counts));
  const results = op.reference(values, sizes, attributes, { step: caseStep, counts });
  return shapes.map((shape, index) => {
    const result = Float32Array.from(results[index] ?? []);
    if (result.length !== elementCount(shape, counts)) throw new Error(`${op.name} gave ${result.length} numbers for ${shape}.`);
    return { kind: 'value', shape, values: result };
  });
}
