/** Symbolic in two numbers: the packed tokens of a batch and its sequences; `offsets` is one more than the sequences. */
export type Dim = number | 'tokens' | 'sequences' | 'offsets';
export type Shape = readonly Dim[];

/** The two numbers, known when a batch is. */
export interface Counts {
  tokens: number;
  sequences: number;
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
