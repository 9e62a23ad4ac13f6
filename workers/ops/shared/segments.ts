/** A packed sequence and the queries on it. Query j of it, in row `firstQuery + j`, sees the keys `first` up to `first + seen + j`, that one left out. */
export interface Segment {
  first: number;
  count: number;
  firstQuery: number;
  queryCount: number;
  seen: number;
}

/** Every row of a sequence is a query and sees the rows up to itself. */
export function causalSegments(segmentOffsets: ArrayLike<number>): Segment[] {
  return Array.from({ length: segmentOffsets.length - 1 }, (_, segment) => {
    const first = segmentOffsets[segment]!;
    const count = segmentOffsets[segment + 1]! - first;
    return { first, count, firstQuery: first, queryCount: count, seen: 1 };
  });
}

/** One query a sequence, in row `segment` of its own matrix, which sees the rows up to the pooled one. */
export function pooledSegments(segmentOffsets: ArrayLike<number>, pooledRows: ArrayLike<number>): Segment[] {
  return causalSegments(segmentOffsets).map((segment, index) => ({
    ...segment,
    firstQuery: index,
    queryCount: 1,
    seen: pooledRows[index]! - segment.first + 1,
  }));
}
