import type { RotaryAttributes } from './attributes';
import { CaseData, caseStep, packedCase, type CaseInput, type OpCase } from './opCase';

/** Positions far into a text, where a sine of the plain angle would be lost. */
export const farPositions = 5000;

/** As a model of base 10,000 has them. */
export function caseFrequencies(headSize: number): number[] {
  return Array.from({ length: headSize / 2 }, (_, pair) => 10_000 ** ((-2 * pair) / headSize));
}

interface RotaryShape {
  lengths: readonly number[];
  heads: number;
  kvHeads: number;
  headSize: number;
  /** Rows are the pooled ones. */
  pooled?: boolean;
}

/** Heads of 2 and 6 are turned one by one, those of 16 and 40 by fours. */
export const rotaryShapes: readonly RotaryShape[] = [
  { lengths: [3, 1, 5], heads: 4, kvHeads: 2, headSize: 16 },
  { lengths: [1], heads: 1, kvHeads: 1, headSize: 2 },
  { lengths: [60, 10], heads: 3, kvHeads: 3, headSize: 6 },
  { lengths: [2, 3], heads: 6, kvHeads: 2, headSize: 40 },
  { lengths: [2, 3], heads: 4, kvHeads: 0, headSize: 16 },
  { lengths: [3, 1, 7], heads: 3, kvHeads: 0, headSize: 16, pooled: true },
  { lengths: [3, 1, 7], heads: 3, kvHeads: 0, headSize: 6, pooled: true },
  { lengths: [65, 1], heads: 0, kvHeads: 3, headSize: 16 },
  { lengths: [2, 1], heads: 0, kvHeads: 1, headSize: 6 },
];

export function titleOf({ lengths, heads, kvHeads, headSize, pooled }: RotaryShape): string {
  return `${lengths.join(' + ')} tokens, ${heads} and ${kvHeads} heads of ${headSize}${pooled ? ', pooled rows' : ''}`;
}

/** positions, and the pooled rows where those are the rows. */
export function placesOf(data: CaseData, { lengths, pooled }: RotaryShape): CaseInput[] {
  const positions = data.integers('positions', ['tokens'], farPositions);
  return pooled ? [positions, packedCase(lengths).pooledRows] : [positions];
}

export const rotaryCases: OpCase<RotaryAttributes>[] = rotaryShapes.map((shape) => {
  const { lengths, heads, kvHeads, headSize, pooled } = shape;
  const data = new CaseData(lengths.length + headSize, packedCase(lengths).counts);
  const rows = pooled ? 'targets' : 'tokens';
  const [q, k, v] = [heads, kvHeads, kvHeads].map((count) => (count > 0 ? data.value([rows, count * headSize]) : null));
  return {
    title: titleOf(shape),
    counts: data.counts,
    step: caseStep,
    attributes: { frequencies: caseFrequencies(headSize) },
    inputs: [q ?? null, k ?? null, v ?? null, ...placesOf(data, shape)],
    gradients: [...(heads > 0 ? [0] : []), ...(kvHeads > 0 ? [1, 2] : [])],
  };
});
