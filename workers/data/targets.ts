/** Which rows of a packed batch something is predicted for, as attention over target rows and scattering want it. */
export interface TargetTables {
  /** `(targets)`: the first row of each target's sequence. */
  targetStarts: Int32Array;
  /** `(tokens, 2)`: the first target at or after a row in its sequence, and one past that sequence's last target. */
  rowTargets: Int32Array;
}

/**
 * Tables for targets in these rows, ascending; a sequence may have several or none. Throws where they are not ascending
 * rows of the batch.
 */
export function targetTables(segmentOffsets: Int32Array, pooledRows: Int32Array): TargetTables {
  const tokens = segmentOffsets.at(-1) ?? 0;
  const targetStarts = new Int32Array(pooledRows.length);
  const rowTargets = new Int32Array(2 * tokens);
  requireAscending(pooledRows, tokens);
  let target = 0;
  for (let sequence = 0; sequence + 1 < segmentOffsets.length; sequence++) {
    const [start, end] = [segmentOffsets[sequence]!, segmentOffsets[sequence + 1]!];
    let last = target;
    while (last < pooledRows.length && pooledRows[last]! < end) targetStarts[last++] = start;
    for (let row = start; row < end; row++) {
      while (target < last && pooledRows[target]! < row) target++;
      rowTargets.set([target, last], 2 * row);
    }
    target = last;
  }
  return { targetStarts, rowTargets };
}

function requireAscending(rows: Int32Array, tokens: number): void {
  rows.forEach((row, target) => {
    const before = rows[target - 1] ?? -1;
    if (row > before && row < tokens) return;
    throw new RangeError(
      `Target ${target} is in row ${row}, after one in row ${before}; targets must be in ascending rows below ${tokens}.`,
    );
  });
}
