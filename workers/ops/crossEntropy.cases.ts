import type { NoAttributes } from './attributes';
import { CaseData, caseStep, type OpCase } from './opCase';

export const crossEntropyCases: OpCase<NoAttributes>[] = [
  [1, 2, 1],
  [3, 77, 1],
  [70, 8, 30],
].map(([sequences = 0, labels = 0, spread = 0]) => {
  const data = new CaseData(sequences, { tokens: 3 * sequences, sequences });
  const inputs = [data.value(['targets', labels], spread), data.integers('labels', ['targets'], labels)];
  const title = `${sequences} texts, ${labels} labels, logits of about ${spread}`;
  return { title, counts: data.counts, step: caseStep, attributes: {}, inputs, gradients: [0] };
});
