import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestSliceTexts, type SliceFigures } from '../api/slices';
import { evaluate, predictedClasses } from './metrics';
import { groupByColumn, groupByLength, groupByQuartiles, wordCount, type Grouping } from './sliceGroups';
import { rowsOfRule, ruleWords } from './sliceRules';
import { figuresOfRows, rowsByGroup, sliceOfRows, type JudgedRows } from './slices';

const judged = (labels: number[], logits: number[], classes: number): JudgedRows => {
  const values = Float32Array.from(logits);
  return { labels: Int32Array.from(labels), logits: values, predictions: predictedClasses(values, classes), classes };
};

const anyJudged = fc.integer({ min: 2, max: 5 }).chain((classes) =>
  fc
    .array(fc.tuple(fc.nat(classes - 1), fc.array(fc.integer({ min: -8, max: 8 }), { minLength: classes, maxLength: classes })), {
      minLength: 1,
      maxLength: 60,
    })
    .map((rows) =>
      judged(
        rows.map(([label]) => label),
        rows.flatMap(([, logits]) => logits),
        classes,
      ),
    ),
);

const shares: readonly (keyof SliceFigures & ('accuracy' | 'macroF1'))[] = ['accuracy', 'macroF1'];

describe('figures of a slice', () => {
  it('are those of the filtered rows as a split of their own (property)', () => {
    fc.assert(
      fc.property(anyJudged, fc.integer({ min: 1, max: 4 }), (all, every) => {
        const rows = Int32Array.from(all.labels.keys()).filter((row) => row % every === 0);
        const figures = figuresOfRows(all, rows, 7);
        // The classes that the slice lacks are left out by hand: a split in which every class occurs says the same.
        const has = new Set([...rows].flatMap((row) => [all.labels[row]!, all.predictions[row]!]));
        const own = [...has].sort((first, second) => first - second);
        const names = own.map(String);
        const labels = rows.map((row) => own.indexOf(all.labels[row]!));
        const logits = Float32Array.from([...rows].flatMap((row) => own.map((label) => all.logits[row * all.classes + label]!)));
        const alone = evaluate(labels, logits, names, 'test', 7);
        expect(figures.accuracy).toBe(alone.accuracy);
        expect(figures.macroF1).toBeCloseTo(alone.macro.f1, 12);
        expect(figures.macroPrecision).toBeCloseTo(alone.macro.precision, 12);
        expect(figures.macroRecall).toBeCloseTo(alone.macro.recall, 12);
        expect(figures.weightedF1).toBeCloseTo(alone.weighted.f1, 12);
        expect(figures.intervals.accuracy).toEqual(alone.intervals.accuracy);
        if (own.length === all.classes) {
          expect(figures.loss).toBeCloseTo(alone.loss, 12);
          expect(figures.calibrationError).toBeCloseTo(alone.calibrationError, 12);
        }
        for (const share of shares) {
          const [low, high] = figures.intervals[share];
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('equal scikit-learn’s on the fixtures’ rows', () => {
    interface Case {
      num_classes: number;
      labels: number[];
      logits: number[][];
      accuracy: number;
      macro: { f1: number };
      predictions: number[];
    }
    const path = new URL('../testing/fixtures/metrics/metrics.json', import.meta.url);
    const { cases }: { cases: Case[] } = JSON.parse(readFileSync(path, 'utf8'));
    const full = cases.filter(
      ({ num_classes, labels, predictions }) => new Set([...labels, ...predictions]).size === num_classes,
    );
    expect(full.length).toBeGreaterThan(50);
    for (const { labels, logits, num_classes, accuracy, macro } of full) {
      // Rows of another kind stand between those of the slice.
      const mixed = judged(
        labels.flatMap((label) => [label, 0]),
        logits.flatMap((row) => [...row, ...row.map(() => 1)]),
        num_classes,
      );
      const exact = { ...mixed, logits: Float64Array.from(logits.flatMap((row) => [...row, ...row.map(() => 1)])) };
      const predictions = predictedClasses(exact.logits, num_classes);
      const figures = figuresOfRows(
        { ...exact, predictions },
        Int32Array.from(labels, (_, row) => row * 2),
        1,
      );
      expect(Math.abs(figures.accuracy - accuracy)).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(figures.macroF1 - macro.f1)).toBeLessThanOrEqual(1e-9);
    }
  });

  it('leave out the classes that a slice has not, in the interval too', () => {
    // Only class 2 of four, always read right: nothing is wrong with it.
    const all = judged([2, 2, 2, 0], [0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9, 0, 0], 4);
    const slice = sliceOfRows({ value: 'x', range: null }, Int32Array.of(0, 1, 2), { base: all, tuned: all, seed: 1 });
    expect(slice.tuned).toMatchObject({ accuracy: 1, macroF1: 1, intervals: { macroF1: [1, 1] } });
    expect(slice.tuned!.intervals.accuracy[0]).toBeLessThan(0.5);
    expect(slice).toMatchObject({ rows: 3, tooFew: true });
  });

  it('count answers that name no class as wrong, and against no class', () => {
    const said = judged([0, 0, 0, 1, 1, 1, 2], Array(7).fill([1, 0, 0]).flat(), 3);
    // As in writtenAnswers.test.ts: bad has F1 0.5, good 2/3; the third class is in another slice.
    const written = { ...said, predictions: Int32Array.of(0, 1, 3, 1, 1, 3, 2) };
    const figures = figuresOfRows(written, Int32Array.of(0, 1, 2, 3, 4, 5), 1);
    expect(figures.accuracy).toBe(0.5);
    expect(figures.macroF1).toBeCloseTo((0.5 + 2 / 3) / 2, 12);
    expect(figures.macroRecall).toBeCloseTo(0.5, 12);
    expect(figures.intervals.macroF1[1]).toBeLessThanOrEqual(1);
  });

  it('say nothing of no rows, and are marked under twenty', () => {
    const all = judged(Array(20).fill(0), Array(20).fill([1, 0]).flat(), 2);
    const models = { base: all, tuned: all, seed: 1 };
    expect(sliceOfRows({ value: 'x', range: null }, new Int32Array(), models)).toMatchObject({
      rows: 0,
      base: null,
      tuned: null,
    });
    const rows = Int32Array.from({ length: fewestSliceTexts }, (_, row) => row);
    expect(sliceOfRows({ value: 'x', range: null }, rows, models).tooFew).toBe(false);
    expect(sliceOfRows({ value: 'x', range: null }, rows.subarray(1), models).tooFew).toBe(true);
    expect(() => figuresOfRows(all, new Int32Array(), 1)).toThrow('no text');
  });
});

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

describe('rules', () => {
  const texts = [
    'I want a refund.',
    'Refunded already',
    'money  back, please',
    'my-money backs',
    '返金してください',
    'C++ (old)',
  ];
  const rows = (words: string): number[] => [...rowsOfRule({ kind: 'contains', words }, texts)];

  it('contain whole words, whatever their letters’ case and the space between', () => {
    expect(rows('refund')).toEqual([0]);
    expect(rows('money back')).toEqual([2]);
    expect(rows('返金')).toEqual([4]);
    expect(rows('c++')).toEqual([5]);
    expect(rows('(old)')).toEqual([5]);
    expect(rows('nothing')).toEqual([]);
    expect(() => rows('  ')).toThrow('no word');
    expect(() => rows('x'.repeat(201))).toThrow('201 characters');
  });

  it('match patterns', () => {
    expect([...rowsOfRule({ kind: 'matches', pattern: 'refund(ed)?|^my' }, texts)]).toEqual([0, 1, 3]);
    expect(() => rowsOfRule({ kind: 'matches', pattern: '[' }, texts)).toThrow('not a regular expression');
    expect(ruleWords({ kind: 'matches', pattern: 'a|b' })).toBe('matches /a|b/');
  });
});
