import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupByColumn, groupByLength, groupByQuartiles, wordCount, type Grouping } from './sliceGroups';
import { rowsByGroup } from './slices';

const told = (grouping: Grouping | null) => {
  if (grouping === null) return null;
  const rows = rowsByGroup(grouping);
  return grouping.names.map(({ value, range }, index) => [value, range, rows[index]!.length] as const);
};

describe('words and bands', () => {
  it('counts what white space separates, as a split does (property)', () => {
    const unit = fc.constantFrom(
      'a',
      'b',
      ' ',
      '\n',
      '\t',
      '\u00a0',
      '\u3000',
      '\u2028',
      '\ufeff',
      '.',
      'é',
      '\u200b',
      '\x1c',
      '\x85',
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(wordCount(text)).toBe(text.split(/\s+/).filter((word) => word !== '').length);
      }),
    );
  });

  it('draws the default bands where all have a text', () => {
    expect(told(groupByLength(Int32Array.of(49, 50, 200, 201, 3), null))).toEqual([
      ['short', 'under 50 words', 2],
      ['medium', '50 to 200 words', 2],
      ['long', 'over 200 words', 1],
    ]);
  });

  it('goes by quartiles where one would be empty', () => {
    expect(told(groupByLength(Int32Array.of(8, 1, 2, 3, 4, 5, 6, 7), null))).toEqual([
      ['quartile 1', '1 to 2 words', 2],
      ['quartile 2', '3 to 4 words', 2],
      ['quartile 3', '5 to 6 words', 2],
      ['quartile 4', '7 to 8 words', 2],
    ]);
    expect(told(groupByLength(Int32Array.of(5, 5, 5), null))).toEqual([['quartile 1', '5 words', 3]]);
  });

  it('keeps bands that were asked for, empty ones too', () => {
    expect(told(groupByLength(Int32Array.of(3, 9, 9), { shortBelow: 4, longAbove: 20 }))).toEqual([
      ['short', 'under 4 words', 1],
      ['medium', '4 to 20 words', 2],
      ['long', 'over 20 words', 0],
    ]);
    for (const [shortBelow, longAbove] of [
      [0, 5],
      [6, 5],
      [1.5, 5],
      [5, Number.NaN],
      [5, 1e9],
    ] as const) {
      expect(() => groupByLength(Int32Array.of(1), { shortBelow, longAbove })).toThrow('whole numbers');
    }
  });

  it('parts every row into quartiles of about a quarter, never one value in two (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 80 }), (values) => {
        const grouping = groupByQuartiles(Float64Array.from(values), (low, high) => `${low} ${high}`);
        const rows = rowsByGroup(grouping);
        expect(rows.reduce((sum, group) => sum + group.length, 0)).toBe(values.length);
        const most = new Map<number, number>();
        for (const value of values) most.set(value, (most.get(value) ?? 0) + 1);
        rows.forEach((group, index) => {
          expect(group.length).toBeGreaterThan(0);
          expect(group.length).toBeLessThanOrEqual(Math.ceil(values.length / 4) + Math.max(...most.values()));
          const own = [...group].map((row) => values[row]!);
          expect(grouping.names[index]!.range).toBe(`${Math.min(...own)} ${Math.max(...own)}`);
        });
        const groupOf = new Map<number, number>();
        values.forEach((value, row) => {
          expect(groupOf.get(value) ?? grouping.groupOf[row]).toBe(grouping.groupOf[row]);
          groupOf.set(value, grouping.groupOf[row]!);
        });
      }),
    );
  });
});

describe('columns', () => {
  it('go by value, the most frequent first, with the empty ones', () => {
    expect(told(groupByColumn(['drama', 'comedy', ' drama ', '', 'comedy', 'drama']))).toEqual([
      ['drama', null, 3],
      ['comedy', null, 2],
      ['(empty)', null, 1],
    ]);
  });

  it('keep the twelve most frequent and put the rest together', () => {
    const authors = Array.from({ length: 20 }, (_, author) => Array<string>(30 - author).fill(`author ${author}`)).flat();
    const groups = told(groupByColumn(authors))!;
    expect(groups).toHaveLength(13);
    expect(groups[0]).toEqual(['author 0', null, 30]);
    expect(groups[12]).toEqual(['(others)', '8 more values', 18 + 17 + 16 + 15 + 14 + 13 + 12 + 11]);
  });

  it('of many numbers go by quartiles, of few by number', () => {
    expect(told(groupByColumn(['3', '10', '3', '10', '2', '2']))).toEqual([
      ['2', null, 2],
      ['3', null, 2],
      ['10', null, 2],
    ]);
    const years = Array.from({ length: 40 }, (_, row) => String(1990 + ((row * 7) % 20)));
    expect(told(groupByColumn([...years, '']))).toEqual([
      ['quartile 1', '1990 to 1994', 10],
      ['quartile 2', '1995 to 1999', 10],
      ['quartile 3', '2000 to 2004', 10],
      ['quartile 4', '2005 to 2009', 10],
      ['(empty)', null, 1],
    ]);
  });

  it('that say nothing are left out: one value, none twice, a count of the rows', () => {
    expect(groupByColumn(['a', 'a', 'a'])).toBeNull();
    expect(groupByColumn(['', '', ''])).toBeNull();
    expect(groupByColumn(['u1', 'u7', 'u3', 'u2'])).toBeNull();
    expect(groupByColumn(Array.from({ length: 30 }, (_, row) => String(row * 3)))).toBeNull();
    expect(groupByColumn(['1', '4', '9'])).toBeNull();
  });

  it('cut long values', () => {
    const long = 'x'.repeat(100);
    const groups = told(groupByColumn([long, long, 'short', 'short', `${long}y`, `${long}y`]))!;
    expect(groups[0]![0]).toContain('(100 characters)');
    expect(groups[2]![0]).toContain('(101 characters)');
  });

  it('put every row into one group (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', '', '1', '2.5', ' ', '-3', 'c'), { minLength: 1, maxLength: 50 }),
        (column) => {
          const grouping = groupByColumn(column);
          if (grouping === null) return;
          const rows = rowsByGroup(grouping);
          expect(rows.reduce((sum, group) => sum + group.length, 0)).toBe(column.length);
          expect(rows.every((group) => group.length > 0)).toBe(true);
          for (const group of rows) expect(new Set([...group].map((row) => column[row]!.trim())).size).toBe(1);
        },
      ),
    );
  });
});
