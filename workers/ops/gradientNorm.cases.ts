import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type CaseInput, type OpCase } from './opCase';

/** A loss scale's state: the scale, a counter, bias corrections. */
export function lossScaleInput(scale: number): CaseInput {
  return { kind: 'value', shape: [4], values: Float32Array.of(scale, 7, 0.3, 0.02) };
}

export const gradientNormCases: OpCase<NoAttributes>[] = [
  { parts: 1, scale: null },
  { parts: 3, scale: 1024 },
  { parts: 65, scale: null },
  { parts: 64, scale: 0.5 },
].map(({ parts, scale }) => {
  const data = new CaseData(parts, rowsOnly(1));
  // Sums of squares: never negative.
  const partials = data.value([parts]);
  partials.values.forEach((partial, index) => (partials.values[index] = partial * partial));
  return {
    title: `${parts} parts${scale ? `, loss scale ${scale}` : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: {},
    inputs: [partials, scale ? lossScaleInput(scale) : null],
    gradients: [],
  };
});
