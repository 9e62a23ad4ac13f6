import { expect, test } from 'vitest';
import { medianOf, shareBins } from './shareBins';

test('bins begin at the quarter below the lowest value, and hold every value once', () => {
  const values = [0.51, 0.5, 0.74, 0.999, 1];
  const bins = shareBins(values);
  expect(bins).toHaveLength(20);
  expect(bins[0]).toEqual({ from: 0.5, to: 0.525, count: 2 });
  expect(bins.at(-1)?.count).toBe(2);
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
  expect(shareBins([0])[0]).toMatchObject({ from: 0, count: 1 });
  expect(shareBins([1, 1]).at(-1)).toMatchObject({ count: 2 });
});

test('the median', () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 2, 3])).toBe(2.5);
  expect(medianOf([])).toBe(0);
});
