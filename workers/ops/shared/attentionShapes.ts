import { matrix, requireEqual, type Dim, type Shape } from '../../engine/shape';
import { vector } from './inputs';

/** Throws a ShapeError unless `shape` is (rows, columns). */
export function requireMatrix(shape: Shape, rows: Dim, columns: number, what: string): void {
  const [ownRows, ownColumns] = matrix(shape, what);
  requireEqual(ownRows, rows, `The rows of ${what} and those it belongs to`, [shape]);
  requireEqual(ownColumns, columns, `The columns of ${what} and those its op asks for`, [shape]);
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
