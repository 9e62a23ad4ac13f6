import { lossScaleSize } from '../../engine/lossScale';
import { formatShape, requireEqual, ShapeError, type Dim, type Shape } from '../../engine/shape';

type Tuple<T, Count extends number, Taken extends T[] = []> = Taken['length'] extends Count
  ? Taken
  : Tuple<T, Count, [...Taken, T]>;

/** The first `count` inputs, which must all be there. Throws a ShapeError that names the missing one. */
export function firstInputs<T, Count extends number>(inputs: readonly (T | null)[], count: Count, op: string): Tuple<T, Count> {
  const taken = inputs.slice(0, count);
  const missing = Array.from({ length: count }).findIndex((_, index) => (taken[index] ?? null) === null);
  if (missing >= 0) throw new ShapeError(`${op} needs ${count} inputs, but its input ${missing} is absent.`);
  return taken as Tuple<T, Count>;
}

/** The input at `index`, or null where it was left out. */
export function optionalInput<T>(inputs: readonly (T | null)[], index: number): T | null {
  return inputs[index] ?? null;
}

/** Rows and columns of an input whose shape inferShape has accepted. */
export function sizes(shapes: readonly (readonly number[] | null)[], index: number): [rows: number, columns: number] {
  const [rows = 0, columns = 0] = shapes[index] ?? [];
  return [rows, columns];
}

/** The length of a vector; throws a ShapeError that names `what`. */
export function vector(shape: Shape | null | undefined, what: string): Dim {
  const [length] = shape ?? [];
  if (shape?.length !== 1 || length === undefined) throw new ShapeError(`${what} must be a vector, not ${formatShape(shape)}.`);
  return length;
}

/** Throws a ShapeError where an optional loss scale, at this index, is none. */
export function requireLossScale(shapes: readonly (Shape | null)[], index: number, op: string): void {
  const lossScale = optionalInput(shapes, index);
  if (!lossScale) return;
  requireEqual(vector(lossScale, `${op} lossScale`), lossScaleSize, 'The length of lossScale and 4', [...shapes]);
}

/** Throws a ShapeError unless `count` divides evenly into heads. */
export function requireHeads(columns: number, heads: number, op: string): void {
  if (!Number.isInteger(heads) || heads < 1 || columns % heads !== 0) {
    throw new ShapeError(
      `${op} cannot split ${columns} columns into ${heads} heads; the columns must be a multiple of the heads.`,
    );
  }
}

/** For backward rules: throws when a gradient is wanted for an input that has none because it is always frozen. */
export function requireFrozen(needs: readonly boolean[], indices: readonly number[], op: string): void {
  const wanted = indices.find((index) => needs[index]);
  if (wanted !== undefined) throw new Error(`${op} has no gradient for its input ${wanted}: it is meant for frozen weights.`);
}
