import { mix } from '../engine/dropout';
import type { Attributes } from '../engine/graph';
import { elementCount, type Counts, type Shape } from '../engine/shape';
import { idleStep, type StepValues } from '../engine/step';

/** One input of a test case. */
export type CaseInput =
  /** Something computed or trained. */
  | { kind: 'value'; shape: Shape; values: Float32Array }
  /** Frozen. */
  | { kind: 'weight'; shape: Shape; values: Float32Array }
  /** A batch input, by its name. */
  | { kind: 'integers'; name: string; shape: Shape; values: Int32Array };

/** One node with its data, run by the suites on every executor and held against the op's reference. */
export interface OpCase<A extends Attributes> {
  title: string;
  counts: Counts;
  step: StepValues;
  attributes: A;
  inputs: readonly (CaseInput | null)[];
  /** Inputs whose gradients are compared with finite differences; none for ops without a backward rule. */
  gradients: readonly number[];
}

/** Repeatable random data of a case. */
export class CaseData {
  readonly counts: Counts;
  private state: number;

  constructor(seed: number, counts: Counts) {
    this.counts = counts;
    this.state = mix(seed);
  }

  /** Normally distributed numbers; `spread` is their standard deviation. */
  value(shape: Shape, spread = 1, centre = 0): CaseInput & { kind: 'value' } {
    return { kind: 'value', shape, values: this.normal(shape, spread, centre) };
  }

  weight(shape: Shape, spread = 1, centre = 0): CaseInput & { kind: 'weight' } {
    return { kind: 'weight', shape, values: this.normal(shape, spread, centre) };
  }

  /** Integers from 0 up to, not including, `limit`. */
  integers(name: string, shape: Shape, limit: number): CaseInput & { kind: 'integers' } {
    const values = Int32Array.from({ length: elementCount(shape, this.counts) }, () => Math.floor(this.uniform() * limit));
    return { kind: 'integers', name, shape, values };
  }

  private normal(shape: Shape, spread: number, centre: number): Float32Array {
    return Float32Array.from({ length: elementCount(shape, this.counts) }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      return centre + spread * radius * Math.cos(2 * Math.PI * this.uniform());
    });
  }

  private uniform(): number {
    this.state = mix((this.state + 0x9e3779b9) >>> 0);
    return this.state / 0x100000000;
  }
}

/** A batch's counts, where only the rows matter. */
export function rowsOnly(rows: number): Counts {
  return { tokens: rows, sequences: Math.max(1, Math.floor(rows / 3)) };
}

export const caseStep: StepValues = { ...idleStep, dropoutSeed: 0x9abcdef1, lossWeight: 0.125 };

/** Packed sequences of these lengths: their counts and integer inputs. */
export interface PackedCase {
  counts: Counts;
  segmentOffsets: CaseInput;
  rowSegments: CaseInput;
  /** Of one target: the last row of a sequence, but the middle one of every third; more are spread over the sequence. */
  pooledRows: CaseInput;
  targetStarts: CaseInput;
  rowTargets: CaseInput;
  /** The first half of each sequence is shared by branches of three rows. */
  rowBranches: CaseInput;
}

/** With as many targets a sequence as `targetCounts` says, taken in turn; never more than it has rows. */
export function packedCase(lengths: readonly number[], targetCounts: readonly number[] = [1]): PackedCase {
  const offsets = [0];
  for (const length of lengths) offsets.push((offsets.at(-1) ?? 0) + length);
  const tokens = offsets.at(-1) ?? 0;
  const targets = lengths.flatMap((length, segment) =>
    targetsIn(length, segment, targetCounts[segment % targetCounts.length] ?? 1).map((row) => ({
      segment,
      row: (offsets[segment] ?? 0) + row,
    })),
  );
  const segments = lengths.flatMap((length, segment) => Array.from({ length }, () => segment));
  const integers = (name: string, shape: Shape, values: readonly number[]): CaseInput => ({
    kind: 'integers',
    name,
    shape,
    values: Int32Array.from(values),
  });
  const rowTargets = segments.flatMap((segment, row) => {
    const end = targets.filter((target) => target.segment <= segment).length;
    return [targets.filter((target) => target.segment < segment || (target.segment === segment && target.row < row)).length, end];
  });
  const rowBranches = segments.flatMap((segment, row) => {
    const prefixEnd = (offsets[segment] ?? 0) + Math.floor((lengths[segment] ?? 0) / 2);
    return [prefixEnd, row < prefixEnd ? (offsets[segment] ?? 0) : row - ((row - prefixEnd) % 3)];
  });
  return {
    counts: { tokens, sequences: lengths.length, targets: targets.length },
    segmentOffsets: integers('segmentOffsets', ['offsets'], offsets),
    rowSegments: integers('rowSegments', ['tokens'], segments),
    pooledRows: integers(
      'pooledRows',
      ['targets'],
      targets.map(({ row }) => row),
    ),
    targetStarts: integers(
      'targetStarts',
      ['targets'],
      targets.map(({ segment }) => offsets[segment] ?? 0),
    ),
    rowTargets: integers('rowTargets', ['tokens', 2], rowTargets),
    rowBranches: integers('rowBranches', ['tokens', 2], rowBranches),
  };
}

function targetsIn(length: number, segment: number, wanted: number): number[] {
  if (wanted === 1) return [segment % 3 === 2 ? Math.floor(length / 2) : length - 1];
  const count = Math.min(wanted, length);
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * length) / count) - 1);
}

/** Lengths of 1, odd ones, and one longer than a workgroup. */
export const packedLengths: readonly (readonly number[])[] = [[1], [3, 1, 7], [5, 1, 70, 2, 33]];
