/** A packed sequence and the queries on it. Keys are counted from the sequence's first row. */
export interface Segment {
  first: number;
  count: number;
  /** Query j lies in row `firstQuery + j` of the queries. */
  firstQuery: number;
  queryCount: number;
  /** Query j sees the keys `begins[j]` up to `ends[j]`, that one left out. Neither falls from query to query. */
  begins: Int32Array;
  ends: Int32Array;
  /** Where there are branches: of those keys, query j does not see `hidden[2 j]` up to `hidden[2 j + 1]`. */
  hidden: Int32Array | null;
}

/** What keeps a row from seeing all rows before it. */
export interface Visibility {
  /** A row sees so many rows at most, itself included; null: all. */
  window: number | null;
  /**
   * `(rows, 2)`, or null: where the sequence's shared prefix ends, and where the row's own branch starts. What lies between
   * is hidden from it.
   */
  rowBranches: ArrayLike<number> | null;
}

/** Every row of a sequence is a query. */
export function causalSegments(segmentOffsets: ArrayLike<number>, visibility: Visibility): Segment[] {
  return Array.from({ length: segmentOffsets.length - 1 }, (_, segment) => {
    const first = segmentOffsets[segment]!;
    const count = segmentOffsets[segment + 1]! - first;
    const rows = Array.from({ length: count }, (_, row) => first + row);
    return { first, count, firstQuery: first, queryCount: count, ...visibleTo(rows, first, visibility) };
  });
}

/** Queries in these rows, ascending and in a matrix of their own; a sequence may have several or none. */
export function pooledSegments(
  segmentOffsets: ArrayLike<number>,
  pooledRows: ArrayLike<number>,
  visibility: Visibility,
): Segment[] {
  let firstQuery = 0;
  return Array.from({ length: segmentOffsets.length - 1 }, (_, segment) => {
    const [first, end] = [segmentOffsets[segment]!, segmentOffsets[segment + 1]!];
    const rows: number[] = [];
    while (firstQuery + rows.length < pooledRows.length && pooledRows[firstQuery + rows.length]! < end) {
      rows.push(pooledRows[firstQuery + rows.length]!);
    }
    const made = { first, count: end - first, firstQuery, queryCount: rows.length, ...visibleTo(rows, first, visibility) };
    firstQuery += rows.length;
    return made;
  });
}

function visibleTo(
  rows: readonly number[],
  first: number,
  { window, rowBranches }: Visibility,
): Pick<Segment, 'begins' | 'ends' | 'hidden'> {
  return {
    begins: Int32Array.from(rows, (row) => (window === null ? 0 : Math.max(0, row + 1 - window - first))),
    ends: Int32Array.from(rows, (row) => row + 1 - first),
    hidden: rowBranches && Int32Array.from(rows.flatMap((row) => hiddenFrom(row, rowBranches).map((at) => at - first))),
  };
}

/** Empty at the row itself where nothing is hidden. */
function hiddenFrom(row: number, rowBranches: ArrayLike<number>): [begin: number, end: number] {
  const begin = Math.min(rowBranches[2 * row]!, row);
  return [begin, Math.max(begin, Math.min(rowBranches[2 * row + 1]!, row))];
}
