import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readIndices, writeIndices } from './indices';

it('reads numbers and ranges, each once and in order', () => {
  expect(readIndices('0-3, 7')).toEqual([0, 1, 2, 3, 7]);
  expect(readIndices(' 7 2-2,4-3')).toEqual([NaN]);
  expect(readIndices(' 7 2-2,0')).toEqual([0, 2, 7]);
  expect(readIndices('')).toEqual([]);
  for (const text of ['a', '1-', '-1', '1.5', '3-1', '0-99999999']) expect(readIndices(text)).toEqual([NaN]);
});

it('writes what reads back as the same blocks', () => {
  expect(writeIndices([0, 1, 2, 3, 7])).toBe('0-3, 7');
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 200 })), (indices) => {
      const sorted = [...indices].sort((a, b) => a - b);
      expect(readIndices(writeIndices(sorted))).toEqual(sorted);
    }),
  );
});
