import { expect, test } from 'vitest';
import { confusedTogether, reorder } from './order';

test('classes that are taken for each other stand side by side', () => {
  // 0 and 3 are confused most, then 3 and 1; 2 stands alone.
  const counts = [
    [5, 0, 0, 4],
    [0, 8, 0, 0],
    [0, 0, 9, 0],
    [0, 2, 0, 7],
  ];
  const order = confusedTogether(counts);
  expect(order.toSorted((first, second) => first - second)).toEqual([0, 1, 2, 3]);
  expect(order).toEqual([0, 3, 1, 2]);
  expect(reorder(counts, order)).toEqual([
    [5, 4, 0, 0],
    [0, 7, 2, 0],
    [0, 0, 8, 0],
    [0, 0, 0, 9],
  ]);
});

test('a class in the middle of a chain does not lose its neighbours', () => {
  const counts = [
    [1, 9, 0, 0],
    [0, 1, 8, 0],
    [0, 0, 1, 0],
    [0, 7, 0, 1],
  ];
  expect(confusedTogether(counts)).toEqual([0, 1, 2, 3]);
});
