/**
 * Symbolic in three numbers: the packed tokens of a batch, its sequences, and its targets, the rows for which something is
 * predicted; `offsets` is one more than the sequences.
 */
export type Dim = number | 'tokens' | 'sequences' | 'offsets' | 'targets';
export type Shape = readonly Dim[];

/** The three numbers, known when a batch is. */
export interface Counts {
  tokens: number;
  sequences: number;
  /** Absent: one a sequence, as for a classifier. */
  targets?: number;
}

/** The counts alone, of a batch or a capacity. */
export function countsOf(counts: Counts): Required<Counts> {
  return { tokens: counts.tokens, sequences: counts.sequences, targets: targetsOf(counts) };
}

/** Throws a RangeError unless the batch has something of everything, and no more than the capacity has room for. */
export function requireRoom(batch: Counts, capacity: Counts): void {
  const [own, room] = [countsOf(batch), countsOf(capacity)];
  const says = ({ tokens, sequences, targets }: Required<Counts>): string =>
    `${tokens} tokens in ${sequences} texts${targets === sequences ? '' : ` with ${targets} targets`}`;
  const names = ['tokens', 'sequences', 'targets'] as const;
  if (names.some((name) => own[name] > room[name])) {
    throw new RangeError(`A batch of ${says(own)} came; this program has room for ${says(room)}.`);
  }
  if (names.some((name) => own[name] < 1)) throw new RangeError(`A batch needs a text, a token and a target, not ${says(own)}.`);
}

export function targetsOf({ sequences, targets }: Counts): number {
  return targets ?? sequences;
}

/** Two shapes that do not go together. Says both, the rule and the remedy. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export function formatShape(shape: Shape | null | undefined): string {
  return shape ? `(${shape.join(', ')})` : '(absent)';
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, index) => dim === b[index]);
}

export function resolveDim(dim: Dim, counts: Counts): number {
  if (typeof dim === 'number') return dim;
  if (dim === 'targets') return targetsOf(counts);
  return dim === 'offsets' ? counts.sequences + 1 : counts[dim];
}

export function resolveShape(shape: Shape, counts: Counts): number[] {
  return shape.map((dim) => resolveDim(dim, counts));
}

export function elementCount(shape: Shape, counts: Counts): number {
  return resolveShape(shape, counts).reduce((product, size) => product * size, 1);
}

/** The shape as a matrix `(rows, columns)`; throws a ShapeError that names `what`. */
export function matrix(shape: Shape | null | undefined, what: string): readonly [Dim, number] {
  const [rows, columns] = shape ?? [];
  if (shape?.length !== 2 || rows === undefined || typeof columns !== 'number') {
    throw new ShapeError(`${what} must be a matrix (rows, columns) with a fixed number of columns, not ${formatShape(shape)}.`);
  }
  return [rows, columns];
}

/** Throws a ShapeError unless both dims are equal. */
export function requireEqual(a: Dim | undefined, b: Dim | undefined, what: string, shapes: (Shape | null | undefined)[]): void {
  if (a === undefined || a !== b) {
    throw new ShapeError(`${what} must agree, but are ${a} and ${b}. Shapes: ${shapes.map(formatShape).join(', ')}.`);
  }
}
