import { ShapeError } from '../../engine/shape';
import type { CachedAttentionAttributes } from '../attributes';

/** Columns of one head; throws a ShapeError where heads do not divide them. */
export function headSize(columns: number, { heads, kvHeads }: CachedAttentionAttributes): number {
  const size = columns / (heads + 2 * kvHeads);
  if (!Number.isInteger(size) || size < 1 || heads % kvHeads !== 0) {
    throw new ShapeError(
      `cachedAttention cannot split ${columns} columns into ${heads} heads of queries and ${kvHeads} of keys and of values; the columns must be a multiple of all of them, and the former of the latter.`,
    );
  }
  return size;
}
