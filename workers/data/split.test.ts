import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, epochOrder } from './batches';
import { createRandom, drawBelow, shuffle } from './random';
import { apportion, splitByLabel } from './split';

const labelled = fc.integer({ min: 1, max: 6 }).chain((classCount) =>
  fc.record({
    classCount: fc.constant(classCount),
    classOfRow: fc.array(fc.integer({ min: 0, max: classCount - 1 }), { maxLength: 300 }).map((rows) => Int32Array.from(rows)),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
    validationShare: fc.double({ min: 0, max: 0.45, noNaN: true }),
    testShare: fc.double({ min: 0, max: 0.45, noNaN: true }),
  }),
);

describe('splitByLabel', () => {
  it('parts the rows, keeps a row of every label to train on, and takes of each label its share (property)', () => {
    fc.assert(
      fc.property(labelled, ({ classCount, classOfRow, ...options }) => {
        const split = splitByLabel(classOfRow, classCount, options);
        expect(splitByLabel(classOfRow, classCount, options)).toEqual(split);
        const all = [...split.train, ...split.validation, ...split.test].sort((a, b) => a - b);
        expect(all).toEqual(Array.from(classOfRow.keys()));
        for (let label = 0; label < classCount; label += 1) {
          const total = classOfRow.filter((value) => value === label).length;
          const share = (rows: Int32Array): number => rows.filter((row) => classOfRow[row] === label).length;
          if (total > 0) expect(share(split.train)).toBeGreaterThan(0);
          expect(share(split.test)).toBeLessThanOrEqual(Math.ceil(total * options.testShare));
          expect(share(split.test)).toBeGreaterThanOrEqual(Math.min(Math.floor(total * options.testShare), total - 1));
          expect(share(split.validation)).toBeLessThanOrEqual(Math.ceil(total * options.validationShare));
        }
      }),
    );
  });

  it('never gives up the only row of a label', () => {
    const split = splitByLabel(Int32Array.of(0, 1, 1, 1, 1, 2), 3, { seed: 1, validationShare: 0.45, testShare: 0.45 });
    expect([...split.train]).toEqual(expect.arrayContaining([0, 5]));
  });

  it('rounds by largest remainder', () => {
    expect(apportion([15, 13, 12], 0.1, [14, 12, 11])).toEqual([2, 1, 1]);
    expect(apportion([10, 10, 1], 0.1, [9, 9, 0])).toEqual([1, 1, 0]);
  });

  it('chooses other rows with another seed', () => {
    const classOfRow = new Int32Array(1000);
    const testRows = (seed: number): Int32Array => splitByLabel(classOfRow, 1, { seed, validationShare: 0, testShare: 0.1 }).test;
    expect(testRows(1)).toHaveLength(100);
    const common = testRows(1).filter((row) => testRows(2).includes(row)).length;
    // Of 100 rows of 1,000 drawn twice, 10 are common on average, with a standard deviation of 2.8.
    expect(common).toBeLessThan(25);
  });
});

describe('epochOrder and batchesOf', () => {
  it('is a new permutation each epoch and the same for a seed', () => {
    const first = epochOrder(101, 42, 0);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, index) => index));
    expect(epochOrder(101, 42, 0)).toEqual(first);
    expect(epochOrder(101, 42, 1)).not.toEqual(first);
    expect(epochOrder(101, 43, 0)).not.toEqual(first);
  });

  it('keeps the last, smaller batch', () => {
    const order = epochOrder(10, 1, 0);
    expect(batchesOf(order, 4).map((batch) => [...batch])).toEqual([
      Array.from(order.subarray(0, 4)),
      Array.from(order.subarray(4, 8)),
      Array.from(order.subarray(8)),
    ]);
    expect(batchesOf(new Int32Array(), 4)).toEqual([]);
    expect(() => batchesOf(order, 0)).toThrow(RangeError);
  });
});

describe('createRandom', () => {
  it('gives the numbers that arithmetic on unbounded integers gives', () => {
    const random = createRandom(42, 2, 0);
    expect([random(), random(), random()]).toEqual([3067386651, 733109392, 2838786644]);
  });

  it('spreads evenly: every place of a shuffle is equally likely', () => {
    const random = createRandom(7);
    const places = new Int32Array(5);
    for (let run = 0; run < 10_000; run += 1) places[shuffle(Int32Array.of(0, 1, 2, 3, 4), random).indexOf(0)]! += 1;
    // 2,000 each; five standard deviations are 200.
    for (const count of places) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(Array.from({ length: 1000 }, () => drawBelow(random, 3)).every((draw) => draw >= 0 && draw < 3)).toBe(true);
  });
});
