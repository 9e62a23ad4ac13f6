import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestSliceTexts, type SliceFigures } from '../api/slices';
import { evaluate, predictedClasses } from './metrics';
import { figuresOfRows, sliceOfRows, type JudgedRows } from './slices';

const judged = (labels: number[], logits: number[], classes: number): JudgedRows & { logits: Float32Array } => {
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

  it('have neither loss nor calibration where answers were written, and count one without a class as wrong', () => {
    const written: JudgedRows = {
      labels: Int32Array.of(0, 0, 1, 1),
      predictions: Int32Array.of(0, 2, 1, 1),
      logits: null,
      classes: 2,
    };
    const figures = figuresOfRows(written, Int32Array.of(0, 1, 2, 3), 7);
    expect(figures).toMatchObject({ loss: null, calibrationError: null, accuracy: 0.75 });
    expect(figures.macroF1).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(figuresOfRows(written, Int32Array.of(1), 7)).toMatchObject({ accuracy: 0, macroF1: 0 });
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
