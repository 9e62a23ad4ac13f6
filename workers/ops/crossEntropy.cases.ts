import type { NoAttributes } from './attributes';
import { CaseData, caseStep, type CaseInput, type OpCase } from './opCase';

export const crossEntropyCases: OpCase<NoAttributes>[] = [
  [1, 2, 1],
  [3, 77, 1],
  [70, 8, 30],
].flatMap(([sequences = 0, labels = 0, spread = 0]) => {
  const data = new CaseData(sequences, { tokens: 3 * sequences, sequences });
  const inputs = [data.value(['targets', labels], spread), data.integers('labels', ['targets'], labels)];
  const title = `${sequences} texts, ${labels} labels, logits of about ${spread}`;
  const plain = { title, counts: data.counts, step: caseStep, attributes: {}, inputs, gradients: [0] };
  const weighted = { ...plain, title: `${title}, each with a weight`, inputs: [...inputs, targetWeights(data)] };
  return [plain, weighted];
});

/** Above 0, as weights of classes are. */
function targetWeights(data: CaseData): CaseInput {
  const weights = data.value(['targets'], 3);
  return { ...weights, values: weights.values.map((weight) => Math.abs(weight) + 0.1) };
}
