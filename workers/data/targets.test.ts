import { describe, expect, it } from 'vitest';
import { targetTables } from './targets';

describe('targetTables', () => {
  it('finds sequences and rows of several targets, and of none', () => {
    const { targetStarts, rowTargets } = targetTables(Int32Array.of(0, 3, 5, 6, 10), Int32Array.of(1, 2, 5, 6, 8));
    expect(targetStarts).toEqual(Int32Array.of(0, 0, 5, 6, 6));
    const pairs = Array.from({ length: 10 }, (_, row) => [rowTargets[2 * row], rowTargets[2 * row + 1]]);
    expect(pairs.slice(0, 3)).toEqual([[0, 2], [0, 2], [1, 2]]); // prettier-ignore
    expect(pairs.slice(3, 5)).toEqual([[2, 2], [2, 2]]); // prettier-ignore
    expect(pairs.slice(5)).toEqual([[2, 3], [3, 5], [4, 5], [4, 5], [5, 5]]); // prettier-ignore
  });

  it('refuses rows that do not ascend or lie outside', () => {
    expect(() => targetTables(Int32Array.of(0, 4), Int32Array.of(2, 2))).toThrow('Target 1 is in row 2, after one in row 2');
    expect(() => targetTables(Int32Array.of(0, 4), Int32Array.of(4))).toThrow('below 4');
  });
});
