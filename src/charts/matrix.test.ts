import { expect, test } from 'vitest';
import { cellSentence, confusionsOf, movedCell } from './matrix';

const counts = [
  [7, 3, 0],
  [1, 9, 0],
  [3, 0, 1],
];

test('confusions come largest first, of equal ones the larger share', () => {
  expect(confusionsOf(counts)).toEqual([
    { actual: 2, predicted: 0, count: 3, share: 0.75 },
    { actual: 0, predicted: 1, count: 3, share: 0.3 },
    { actual: 1, predicted: 0, count: 1, share: 0.1 },
  ]);
  expect(
    confusionsOf([
      [0, 0],
      [0, 0],
    ]),
  ).toEqual([]);
});

test('a cell in one sentence; a class without texts has no share', () => {
  expect(cellSentence(['a', 'b', 'c'], counts, { actual: 0, predicted: 1 })).toBe('true a, predicted b: 3 of 10, 30\u00a0%');
  expect(
    cellSentence(
      ['a', 'b'],
      [
        [0, 0],
        [0, 2],
      ],
      { actual: 0, predicted: 1 },
    ),
  ).toBe('true a, predicted b: 0 of 0');
});

test('answers that name no class have a column after the last class', () => {
  const written = [
    [2, 0, 5],
    [1, 4, 0],
  ];
  expect(confusionsOf(written)[0]).toEqual({ actual: 0, predicted: 2, count: 5, share: 5 / 7 });
  expect(cellSentence(['a', 'b'], written, { actual: 0, predicted: 2 })).toBe('true a, predicted no label: 5 of 7, 71\u00a0%');
});

test('arrows move to the neighbour and stay inside', () => {
  const cell = { actual: 0, predicted: 1 };
  expect(movedCell(cell, 'ArrowDown', 3)).toEqual({ actual: 1, predicted: 1 });
  expect(movedCell(cell, 'ArrowUp', 3)).toEqual(cell);
  expect(movedCell(cell, 'ArrowRight', 3)).toEqual({ actual: 0, predicted: 2 });
  expect(movedCell(cell, 'Home', 3)).toEqual({ actual: 0, predicted: 0 });
  expect(movedCell(cell, 'Enter', 3)).toBeNull();
  expect(movedCell({ actual: 2, predicted: 2 }, 'ArrowRight', 3, 4)).toEqual({ actual: 2, predicted: 3 });
  expect(movedCell({ actual: 2, predicted: 3 }, 'ArrowDown', 3, 4)).toEqual({ actual: 2, predicted: 3 });
});
