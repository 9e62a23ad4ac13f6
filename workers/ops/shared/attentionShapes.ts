import { formatShape, matrix, requireEqual, ShapeError, type Dim, type Shape } from '../../engine/shape';
import type { AttentionAttributes } from '../attributes';
import { vector } from './inputs';

/** Throws a ShapeError unless `shape` is (rows, columns). */
export function requireMatrix(shape: Shape, rows: Dim, columns: number, what: string): void {
  const [ownRows, ownColumns] = matrix(shape, what);
  requireEqual(ownRows, rows, `The rows of ${what} and those it belongs to`, [shape]);
  requireEqual(ownColumns, columns, `The columns of ${what} and those its op asks for`, [shape]);
}

/** Throws a ShapeError unless query heads share key heads evenly and the window has a row. */
export function requireAttention({ heads, kvHeads, window }: AttentionAttributes, op: string): void {
  const whole = [heads, kvHeads].every((count) => Number.isInteger(count) && count >= 1);
  if (!whole || heads % kvHeads !== 0) {
    throw new ShapeError(
      `${op} cannot share ${kvHeads} key heads among ${heads} query heads; heads must be a multiple of kvHeads.`,
    );
  }
  if (window !== null && (!Number.isInteger(window) || window < 1)) {
    throw new ShapeError(`${op} has a window of ${window} rows; a row sees at least itself. Use null for no window.`);
  }
}

/** Columns of one head, of `columns` that hold so many; throws a ShapeError where they do not divide. */
export function headSizeOf(columns: number, heads: number, op: string): number {
  if (columns % heads !== 0) {
    throw new ShapeError(
      `${op} cannot split ${columns} columns into ${heads} heads; the columns must be a multiple of the heads.`,
    );
  }
  return columns / heads;
}

/** Throws a ShapeError where branches, if any, are not (rows, 2), or come with a window. */
export function requireBranches(rowBranches: Shape | null, rows: Dim, { window }: AttentionAttributes, op: string): void {
  if (!rowBranches) return;
  requireMatrix(rowBranches, rows, 2, `${op} rowBranches`);
  if (window !== null) {
    throw new ShapeError(
      `${op} has branches ${formatShape(rowBranches)} and a window of ${window} rows; a row's distance from the shared prefix is not that of its packed rows. Use window null where no text is longer, else no branches.`,
    );
  }
}

/** rowSegments must have an entry a row; segmentOffsets a segment and one more, which a symbolic length cannot say. */
export function requireSegments(segmentOffsets: Shape, rowSegments: Shape, rows: Dim, op: string): void {
  vector(segmentOffsets, `${op} segmentOffsets`);
  requireEqual(vector(rowSegments, `${op} rowSegments`), rows, 'The length of rowSegments and the rows', [rowSegments]);
}

/** True where the columns of `shape`, cut into `parts`, give parts that divide by four, as float16 asks of a head. */
export function headsInFours(shape: Shape | null | undefined, parts: number): boolean {
  return (Number(shape?.[1]) / parts) % 4 === 0;
}
