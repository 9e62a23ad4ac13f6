import type { NormGradientAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type CaseInput, type OpCase } from './opCase';
import { rmsNorm } from './rmsNorm';

export const rmsNormGradientCases: OpCase<NormGradientAttributes>[] = [
  { rows: 1, width: 3, carry: false, copied: false },
  { rows: 3, width: 70, carry: true, copied: true },
  { rows: 65, width: 256, carry: false, copied: false },
  { rows: 67, width: 256, carry: false, copied: true },
  { rows: 7, width: 20, carry: true, copied: false },
  { rows: 5, width: 260, carry: true, copied: false },
  { rows: 9, width: 260, carry: true, copied: true },
  { rows: 70, width: 65, carry: true, copied: false },
].map(({ rows, width, carry, copied }) => {
  const data = new CaseData(rows + width, rowsOnly(rows));
  const x = data.value(['tokens', width], 2, 0.7);
  const inputs = [
    data.value(['tokens', width]),
    x,
    data.weight([width], 0.3, 1),
    statsOf(x.values, rows, width),
    carry ? data.value(['tokens', width]) : null,
  ];
  return {
    title: `${rows} rows of ${width}${carry ? ', carry' : ''}${copied ? ', copied' : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: { copied },
    inputs,
    gradients: [],
  };
});

/** What the forward op hands over: only with those is the gradient well conditioned. */
function statsOf(x: Float32Array, rows: number, width: number): CaseInput {
  const inputs = [Float64Array.from(x), new Float64Array(width)];
  const context = { step: caseStep, counts: rowsOnly(rows) };
  const [, stats] = rmsNorm.reference(inputs, [[rows, width], [width]], { epsilon: 1e-5 }, context);
  return { kind: 'value', shape: ['tokens', 1], values: Float32Array.from(stats ?? []) };
}
