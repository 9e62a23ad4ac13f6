import type { NoAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type CaseInput, type OpCase } from './opCase';

export const geluCases: OpCase<NoAttributes>[] = [
  [1, 1],
  [3, 65],
  [70, 33],
  [5, 68],
].map(([rows = 0, width = 0]) => {
  const data = new CaseData(rows, rowsOnly(rows));
  const inputs = [withExtremes(data.value(['tokens', width], 2))];
  return { title: `${rows} x ${width}`, counts: data.counts, step: caseStep, attributes: {}, inputs, gradients: [0] };
});

/** With numbers where a tanh or an exponential overflows. */
export function withExtremes(input: CaseInput & { kind: 'value' }): CaseInput {
  [0, -0, 12, -12, 100, -100, 4000, -4000].forEach((extreme, index) => {
    if (input.values.length > 8) input.values[index] = extreme;
  });
  return input;
}
