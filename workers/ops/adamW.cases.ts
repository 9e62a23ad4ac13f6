import type { AdamWAttributes } from './attributes';
import { lossScaleInput } from './gradientNorm.cases';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

interface Variant {
  size: number;
  norm: number;
  maxGradNorm: number;
  weightDecay: number;
  timestep: number;
  scale?: number;
  undecayed?: number;
}

const variants: readonly Variant[] = [
  { size: 1, norm: 0.5, maxGradNorm: 1, weightDecay: 0, timestep: 1 },
  { size: 65, norm: 7, maxGradNorm: 1, weightDecay: 0.1, timestep: 1 },
  { size: 1000, norm: 7, maxGradNorm: 0, weightDecay: 0, timestep: 3 },
  { size: 777, norm: 0, maxGradNorm: 1, weightDecay: 0.01, timestep: 1000 },
  { size: 777, norm: 7, maxGradNorm: 1, weightDecay: 0.5, timestep: 3, undecayed: 320 },
  { size: 70, norm: 7, maxGradNorm: 1, weightDecay: 0.1, timestep: 3, scale: 1024 },
  { size: 131, norm: 7, maxGradNorm: 1, weightDecay: 0.5, timestep: 3, scale: 1024, undecayed: 64 },
  { size: 65, norm: Infinity, maxGradNorm: 1, weightDecay: 0.1, timestep: 3, scale: 1024 },
  { size: 65, norm: NaN, maxGradNorm: 0, weightDecay: 0.1, timestep: 3, scale: 1024 },
];

export const adamWCases: OpCase<AdamWAttributes>[] = variants.map((variant) => {
  const { size, norm, maxGradNorm, weightDecay, timestep, scale, undecayed = 0 } = variant;
  const data = new CaseData(size, rowsOnly(1));
  const secondMoment = data.value([size], 0.1);
  secondMoment.values.forEach((moment, index) => (secondMoment.values[index] = moment * moment));
  const corrections = { correction1: 1 - 0.9 ** timestep, correction2: 1 - 0.999 ** timestep };
  return {
    title: `${size} parameters, norm ${norm} of ${maxGradNorm}, weight decay ${weightDecay}${undecayed ? ` after ${undecayed}` : ''}, step ${timestep}${scale ? `, loss scale ${scale}` : ''}`,
    counts: data.counts,
    step: { ...caseStep, learningRate: 0.01, maxGradNorm, weightDecay, ...corrections },
    attributes: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, undecayed },
    inputs: [
      data.value([size]),
      data.value([size]),
      data.value([size], 0.1),
      secondMoment,
      { kind: 'value', shape: [1], values: Float32Array.of(norm) },
      scale ? lossScaleInput(scale) : null,
    ],
    gradients: [],
  };
});
