import type { AdamWAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

const variants = [
  { size: 1, norm: 0.5, maxGradNorm: 1, weightDecay: 0, timestep: 1 },
  { size: 65, norm: 7, maxGradNorm: 1, weightDecay: 0.1, timestep: 1 },
  { size: 1000, norm: 7, maxGradNorm: 0, weightDecay: 0, timestep: 3 },
  { size: 777, norm: 0, maxGradNorm: 1, weightDecay: 0.01, timestep: 1000 },
];

export const adamWCases: OpCase<AdamWAttributes>[] = variants.map(({ size, norm, maxGradNorm, weightDecay, timestep }) => {
  const data = new CaseData(size, rowsOnly(1));
  const secondMoment = data.value([size], 0.1);
  secondMoment.values.forEach((moment, index) => (secondMoment.values[index] = moment * moment));
  const corrections = { correction1: 1 - 0.9 ** timestep, correction2: 1 - 0.999 ** timestep };
  return {
    title: `${size} parameters, norm ${norm} of ${maxGradNorm}, weight decay ${weightDecay}, step ${timestep}`,
    counts: data.counts,
    step: { ...caseStep, learningRate: 0.01, maxGradNorm, weightDecay, ...corrections },
    attributes: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    inputs: [
      data.value([size]),
      data.value([size]),
      data.value([size], 0.1),
      secondMoment,
      { kind: 'value', shape: [1], values: Float32Array.of(norm) },
    ],
    gradients: [],
  };
});
