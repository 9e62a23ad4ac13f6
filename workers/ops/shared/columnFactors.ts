import { matrix, requireEqual, type Shape } from '../../engine/shape';

/** Throws a ShapeError unless `shape` is (columns, 1): a number for each column. */
export function requireColumnFactors(columns: number, shape: Shape, what: string, shapes: readonly (Shape | null)[]): void {
  const [length, width] = matrix(shape, what);
  requireEqual(columns, length, `The columns of x and the length of ${what}`, [...shapes]);
  requireEqual(width, 1, `The width of ${what} and 1`, [...shapes]);
}
