import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costOf, usualColumns, usualSplits, wayOf } from '../api/hubDataset';
import { className } from './datasetFeatures';
import { pagesOf, RowTaker } from './rowChoice';

const taken = (total: number, wanted: number | null, choose: 'spread' | 'first') => {
  const taker = new RowTaker(total, wanted, choose);
  return Array.from({ length: total }, (_, place) => place).filter(() => taker.takes());
};

test('rows are taken from the top or at even distances', () => {
  expect(taken(10, 3, 'first')).toEqual([0, 1, 2]);
  expect(taken(10, 3, 'spread')).toEqual([3, 6, 9]);
  expect(taken(4, null, 'spread')).toEqual([0, 1, 2, 3]);
  expect(taken(4, 9, 'spread')).toEqual([0, 1, 2, 3]);
});

test('as many as are wanted, whatever the numbers, with distances that differ by one at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (total, wanted) => {
      const rows = taken(total, wanted, 'spread');
      expect(rows).toHaveLength(Math.min(total, wanted));
      const distances = rows.slice(1).map((row, index) => row - rows[index]!);
      if (distances.length > 0) expect(Math.max(...distances) - Math.min(...distances)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
});

test('pages never overlap, stay within the split and bring as many rows as are wanted', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 6000 }),
      fc.constantFrom('spread' as const, 'first' as const),
      (total, wanted, choose) => {
        const pages = [...pagesOf(total, wanted, choose)];
        expect(pages.reduce((sum, { length }) => sum + length, 0)).toBe(Math.min(total, wanted));
        let end = 0;
        for (const { offset, length } of pages) {
          expect(offset).toBeGreaterThanOrEqual(end);
          expect(length).toBeLessThanOrEqual(100);
          end = offset + length;
        }
        expect(end).toBeLessThanOrEqual(total);
      },
    ),
    { numRuns: 300 },
  );
});

test('pages of nearly all rows do not overlap', () => {
  expect([...pagesOf(250, 249, 'spread')]).toEqual([
    { offset: 0, length: 100 },
    { offset: 100, length: 100 },
    { offset: 201, length: 49 },
  ]);
});

test('few rows of large files come by pages, all else by files', () => {
  const large = { rows: 1_000_000, sizeBytes: 800e6 };
  expect([wayOf(large, 1000), wayOf(large, 50_000), wayOf(large, null)]).toEqual(['pages', 'files', 'files']);
  expect([wayOf({ rows: 67_349, sizeBytes: 3.1e6 }, 1000), wayOf({ rows: 500, sizeBytes: null }, null)]).toEqual([
    'files',
    'pages',
  ]);
});

test('the cost of a choice is told in bytes that are missing and in pages', () => {
  const split = { keptBytes: 0, isPartial: false, unlabelled: [] };
  const splits = [
    { ...split, name: 'train', rows: 1_000_000, sizeBytes: 800e6 },
    { ...split, name: 'test', rows: 900, sizeBytes: 5e6, keptBytes: 2e6 },
    { ...split, name: 'extra', rows: null, sizeBytes: null },
  ];
  const use = { train: 'train', validation: null, test: 'test' };
  expect(costOf({ splits }, { splits: use, rows: null })).toEqual({ rows: 1_000_900, missingBytes: 803e6, pages: 0 });
  expect(costOf({ splits }, { splits: use, rows: 950 })).toEqual({ rows: 1850, missingBytes: 3e6, pages: 10 });
  expect(costOf({ splits }, { splits: { ...use, train: 'extra' }, rows: null })).toEqual({
    rows: null,
    missingBytes: 3e6,
    pages: null,
  });
});

test('a class stands for its number; -1 is no label', () => {
  const cells = ['0', '1', '-1', '', '7', 'pos'].map((cell) => className(['neg', 'pos'], cell));
  expect(cells).toEqual(['neg', 'pos', '', '', '7', 'pos']);
});

test('splits and columns are told by their names, classes and labels', () => {
  const split = (name: string, unlabelled: string[] = []) => ({
    name,
    rows: 1,
    sizeBytes: 1,
    keptBytes: 0,
    isPartial: false,
    unlabelled,
  });
  const hidden = { splits: [split('train'), split('validation'), split('test', ['label'])] };
  expect(usualSplits(hidden, 'label')).toEqual({ train: 'train', validation: null, test: 'validation' });
  const whole = { splits: [split('train'), split('validation'), split('test')] };
  expect(usualSplits(whole, 'label')).toEqual({ train: 'train', validation: 'validation', test: 'test' });
  expect(usualSplits({ splits: [split('all')] }, '')).toEqual({ train: 'all', validation: null, test: null });
  const features = [
    { name: 'idx', type: 'int32', classNames: null },
    { name: 'note', type: 'string', classNames: null },
    { name: 'sentence', type: 'string', classNames: null },
    { name: 'kind', type: 'class', classNames: ['a', 'b'] },
  ];
  expect(usualColumns(features)).toEqual({ text: 'sentence', label: 'kind' });
});
