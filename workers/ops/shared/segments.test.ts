import { describe, expect, it } from 'vitest';
import { causalSegments, pooledSegments, type Segment } from './segments';

const everything = { window: null, rowBranches: null };

/** The rows that each query sees. */
function seenRows({ first, queryCount, begins, ends, hidden }: Segment): number[][] {
  return Array.from({ length: queryCount }, (_, query) => {
    const rows = Array.from({ length: ends[query]! - begins[query]! }, (_, index) => begins[query]! + index);
    return rows.filter((row) => !hidden || row < hidden[2 * query]! || row >= hidden[2 * query + 1]!).map((row) => first + row);
  });
}

describe('segments', () => {
  it('shows a row all rows of its sequence up to itself', () => {
    const segments = causalSegments([0, 2, 5], everything);
    expect(segments.map(({ first, count, firstQuery }) => [first, count, firstQuery])).toEqual([
      [0, 2, 0],
      [2, 3, 2],
    ]);
    expect(segments.flatMap(seenRows)).toEqual([[0], [0, 1], [2], [2, 3], [2, 3, 4]]);
  });

  it('shows a window of rows, itself included', () => {
    const [segment] = causalSegments([0, 5], { window: 2, rowBranches: null });
    expect(segment && seenRows(segment)).toEqual([[0], [0, 1], [1, 2], [2, 3], [3, 4]]);
  });

  it('shows target rows what those rows see, several or none a sequence', () => {
    const segments = pooledSegments([0, 4, 6, 9], [1, 3, 8], { window: 3, rowBranches: null });
    expect(segments.map(({ firstQuery, queryCount }) => [firstQuery, queryCount])).toEqual([
      [0, 2],
      [2, 0],
      [2, 1],
    ]);
    expect(segments.flatMap(seenRows)).toEqual([
      [0, 1],
      [1, 2, 3],
      [6, 7, 8],
    ]);
  });

  it('hides other branches behind a shared prefix', () => {
    // Two rows of prefix, then branches of rows 2 to 3 and 4 to 5.
    const rowBranches = [2, 0, 2, 0, 2, 2, 2, 2, 2, 4, 2, 4];
    const [segment] = causalSegments([0, 6], { window: null, rowBranches });
    expect(segment && seenRows(segment)).toEqual([[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 4], [0, 1, 4, 5]]);
    const [pooled] = pooledSegments([0, 6], [3, 5], { window: null, rowBranches });
    expect(pooled && seenRows(pooled)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 4, 5],
    ]);
  });
});
