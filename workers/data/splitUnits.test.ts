import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SplitIndices } from './split';
import { joinRows, splitRowsPerClass, splitUnits } from './splitUnits';

const grouped = fc.integer({ min: 1, max: 5 }).chain((classCount) =>
  fc.record({
    classCount: fc.constant(classCount),
    rows: fc.array(
      fc.record({
        label: fc.integer({ min: 0, max: classCount - 1 }),
        author: fc.integer({ min: -1, max: 30 }),
        text: fc.integer({ min: 0, max: 100 }),
      }),
      { minLength: 1, maxLength: 200 },
    ),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
    validationShare: fc.double({ min: 0, max: 0.45, noNaN: true }),
    testShare: fc.double({ min: 0, max: 0.45, noNaN: true }),
    rowsPerClass: fc.record({
      train: fc.integer({ min: 1, max: 10 }),
      validation: fc.integer({ min: 0, max: 5 }),
      test: fc.integer({ min: 0, max: 5 }),
    }),
  }),
);

type Grouped = typeof grouped extends fc.Arbitrary<infer Value> ? Value : never;

function inputOf({ rows, classCount }: Pick<Grouped, 'rows' | 'classCount'>) {
  const classOfRow = Int32Array.from(rows, ({ label }) => label);
  const keys = [Int32Array.from(rows, ({ author }) => author), Int32Array.from(rows, ({ text }) => text)];
  return { classOfRow, classCount, units: joinRows(rows.length, keys) };
}

function splitOfRow(split: SplitIndices, count: number): string[] {
  const names = new Array<string>(count).fill('unused');
  for (const name of ['train', 'validation', 'test'] as const) for (const row of split[name]) names[row] = name;
  return names;
}

function spans(split: SplitIndices, rows: Grouped['rows']): number {
  const names = splitOfRow(split, rows.length);
  const seen = new Map<string, string>();
  let spanning = 0;
  rows.forEach(({ author, text }, row) => {
    for (const key of [author < 0 ? null : `author ${author}`, `text ${text}`]) {
      if (key === null) continue;
      if ((seen.get(key) ?? names[row]) !== names[row]) spanning += 1;
      seen.set(key, names[row]!);
    }
  });
  return spanning;
}

describe('joinRows', () => {
  it('joins rows through others', () => {
    const units = joinRows(6, [Int32Array.of(1, -1, 2, 2, -1, 1), Int32Array.of(10, 11, 10, 12, 13, 14)]);
    expect([...units.unitOf]).toEqual([0, 1, 0, 0, 2, 0]);
    expect(units.count).toBe(3);
  });
});

describe('splitUnits', () => {
  it('parts the rows, tears no unit, and keeps of every label a row to train on (property)', () => {
    fc.assert(
      fc.property(grouped, ({ rows, classCount, rowsPerClass: _, ...options }) => {
        const input = inputOf({ rows, classCount });
        const split = splitUnits(input, options);
        expect(splitUnits(input, options)).toEqual(split);
        expect([...split.train, ...split.validation, ...split.test].sort((a, b) => a - b)).toEqual([...rows.keys()]);
        expect(spans(split, rows)).toBe(0);
        const trained = new Set(Array.from(split.train, (row) => rows[row]!.label));
        expect(trained).toEqual(new Set(rows.map(({ label }) => label)));
      }),
    );
  });

  it('gives every split its share of each label, to a unit or so', () => {
    const rows = Array.from({ length: 3000 }, (_, row) => ({ label: row % 10 === 0 ? 1 : 0, author: row % 400, text: row }));
    const split = splitUnits(inputOf({ rows, classCount: 2 }), { seed: 5, validationShare: 0.1, testShare: 0.2 });
    const rare = (indices: Int32Array): number => indices.filter((row) => rows[row]!.label === 1).length;
    expect(Math.abs(split.validation.length - 300)).toBeLessThanOrEqual(8);
    expect(Math.abs(split.test.length - 600)).toBeLessThanOrEqual(8);
    expect(Math.abs(rare(split.validation) - 30)).toBeLessThanOrEqual(8);
    expect(Math.abs(rare(split.test) - 60)).toBeLessThanOrEqual(8);
    const other = splitUnits(inputOf({ rows, classCount: 2 }), { seed: 6, validationShare: 0.1, testShare: 0.2 });
    expect(other.test).not.toEqual(split.test);
  });
});

describe('splitRowsPerClass', () => {
  it('takes no more than asked of each label, tears no unit and uses no row twice (property)', () => {
    fc.assert(
      fc.property(grouped, ({ rows, classCount, seed, rowsPerClass }) => {
        const input = inputOf({ rows, classCount });
        const split = splitRowsPerClass(input, { seed, rowsPerClass });
        expect(splitRowsPerClass(input, { seed, rowsPerClass })).toEqual(split);
        expect(new Set([...split.train, ...split.validation, ...split.test]).size).toBe(
          split.train.length + split.validation.length + split.test.length,
        );
        expect(spans(split, rows)).toBe(0);
        for (const name of ['validation', 'test'] as const) {
          for (let label = 0; label < classCount; label += 1) {
            const taken = split[name].filter((row) => rows[row]!.label === label).length;
            expect(taken).toBeLessThanOrEqual(rowsPerClass[name]);
          }
        }
      }),
    );
  });

  it('takes exactly so many where rows stand alone, and shares out what is too little', () => {
    const rows = Array.from({ length: 130 }, (_, row) => ({ label: row < 100 ? 0 : row < 125 ? 1 : 2, author: -1, text: row }));
    const input = inputOf({ rows, classCount: 3 });
    const split = splitRowsPerClass(input, { seed: 1, rowsPerClass: { train: 16, validation: 4, test: 4 } });
    const counts = (indices: Int32Array): number[] =>
      [0, 1, 2].map((label) => indices.filter((row) => rows[row]!.label === label).length);
    expect(counts(split.train)).toEqual([16, 16, 5]);
    expect(counts(split.validation)).toEqual([4, 4, 0]);
    expect(counts(split.test)).toEqual([4, 4, 0]);
  });
});
