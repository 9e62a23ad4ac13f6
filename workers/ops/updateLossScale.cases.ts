import type { UpdateLossScaleAttributes } from './attributes';
import { caseStep, rowsOnly, type OpCase } from './opCase';

const variants = [
  { title: 'the first step', state: [1024, 0, 0, 0], norm: 0.5 },
  { title: 'one of many', state: [64, 17, 0.75, 0.02], norm: 3 },
  { title: 'the step that doubles', state: [64, 19, 0.9, 0.02], norm: 3 },
  { title: 'the step after which nothing larger is left', state: [2 ** 127, 19, 0.9, 0.02], norm: 3 },
  { title: 'an infinite norm', state: [64, 19, 0.9, 0.02], norm: Infinity },
  { title: 'a norm that is no number', state: [64, 3, 0.9, 0.02], norm: NaN },
];

export const updateLossScaleCases: OpCase<UpdateLossScaleAttributes>[] = variants.map(({ title, state, norm }) => ({
  title,
  counts: rowsOnly(1),
  step: caseStep,
  attributes: { beta1: 0.9, beta2: 0.999, interval: 20 },
  inputs: [
    { kind: 'value', shape: [4], values: Float32Array.from(state) },
    { kind: 'value', shape: [1], values: Float32Array.of(norm) },
  ],
  gradients: [],
}));
