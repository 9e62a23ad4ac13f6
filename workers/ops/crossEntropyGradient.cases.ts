import type { NoAttributes } from './attributes';
import { crossEntropyCases } from './crossEntropy.cases';
import { lossScaleInput } from './gradientNorm.cases';
import type { OpCase } from './opCase';

export const crossEntropyGradientCases: OpCase<NoAttributes>[] = crossEntropyCases.flatMap((forward) => {
  const [logits = null, labels = null, weights = null] = forward.inputs;
  const plain = { ...forward, inputs: weights ? [logits, labels, null, weights] : [logits, labels], gradients: [] };
  const scaledInputs = [logits, labels, lossScaleInput(512), ...(weights ? [weights] : [])];
  return [plain, { ...plain, title: `${forward.title}, loss scale 512`, inputs: scaledInputs }];
});
