import type { NoAttributes } from './attributes';
import { layerNorm } from './layerNorm';
import { CaseData, caseStep, rowsOnly, type CaseInput, type OpCase } from './opCase';

export const layerNormGradientCases: OpCase<NoAttributes>[] = [
  { rows: 1, width: 3, carry: false },
  { rows: 3, width: 70, carry: true },
  { rows: 65, width: 256, carry: false },
  { rows: 7, width: 20, carry: true },
  { rows: 5, width: 260, carry: true },
  { rows: 70, width: 65, carry: true },
].map(({ rows, width, carry }) => {
  const data = new CaseData(rows + width, rowsOnly(rows));
  const x = data.value(['tokens', width], 2, 0.7);
  const weight = data.weight([width], 0.3, 1);
  const inputs = [
    data.value(['tokens', width]),
    x,
    weight,
    statsOf(x.values, rows, width),
    carry ? data.value(['tokens', width]) : null,
  ];
  return {
    title: `${rows} rows of ${width}${carry ? ', carry' : ''}`,
    counts: data.counts,
    step: caseStep,
    attributes: {},
    inputs,
    gradients: [],
  };
});

/** What the forward op hands over: only with those is the gradient well conditioned. */
function statsOf(x: Float32Array, rows: number, width: number): CaseInput {
  const shapes = [[rows, width], [width], [width]];
  const inputs = [Float64Array.from(x), new Float64Array(width), new Float64Array(width)];
  const context = { step: caseStep, counts: rowsOnly(rows) };
  const [, stats] = layerNorm.reference(inputs, shapes, { epsilon: 1e-5 }, context);
  return { kind: 'value', shape: ['tokens', 2], values: Float32Array.from(stats ?? []) };
}
