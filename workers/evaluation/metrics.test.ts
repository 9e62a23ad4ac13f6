import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Averages } from '../api/results';
import { bootstrapMacroF1, wilsonInterval } from './intervals';
import {
  calibrationError,
  confusionMatrix,
  confusionMetrics,
  evaluate,
  logLoss,
  meanCrossEntropy,
  predictedClasses,
  probabilitiesOf,
  topAccuracy,
} from './metrics';

interface MetricsCase {
  num_classes: number;
  labels: number[];
  predictions: number[];
  logits: number[][];
  accuracy: number;
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
  confusion_matrix: number[][];
  mcc: number;
  log_loss: number;
  ece10: number;
  macro: Averages;
  micro: Averages;
  weighted: Averages;
}

const path = new URL('../testing/fixtures/metrics/metrics.json', import.meta.url);
const { cases }: { cases: MetricsCase[] } = JSON.parse(readFileSync(path, 'utf8'));

function close(actual: number | readonly number[], expected: number | readonly number[], what: string): void {
  const left = [actual].flat();
  const right = [expected].flat();
  expect(left.length, what).toBe(right.length);
  left.forEach((value, index) => expect(Math.abs(value - right[index]!), what).toBeLessThanOrEqual(1e-9));
}

describe('metrics equal scikit-learn', () => {
  it('on 200 cases', () => {
    expect(cases).toHaveLength(200);
    cases.forEach((expected, index) => {
      const what = `case ${index}`;
      const labels = Int32Array.from(expected.labels);
      const logits = Float64Array.from(expected.logits.flat());
      const classes = expected.num_classes;
      const predictions = predictedClasses(logits, classes);
      expect([...predictions], what).toEqual(expected.predictions);
      const confusion = confusionMatrix(labels, predictions, classes);
      expect(confusion, what).toEqual(expected.confusion_matrix);
      const metrics = confusionMetrics(confusion);
      close(metrics.accuracy, expected.accuracy, what);
      close(metrics.matthews, expected.mcc, what);
      for (const key of ['precision', 'recall', 'f1', 'support'] as const) {
        const values = metrics.perClass.map((figures) => figures[key]);
        close(values, expected[key], `${what} ${key}`);
      }
      for (const mean of ['macro', 'micro', 'weighted'] as const) {
        for (const key of ['precision', 'recall', 'f1'] as const)
          close(metrics[mean][key], expected[mean][key], `${what} ${mean} ${key}`);
      }
      close(logLoss(labels, logits, classes), expected.log_loss, what);
      close(calibrationError(labels, logits, classes), expected.ece10, what);
    });
  });
});

describe('evaluate', () => {
  it('gathers every figure', () => {
    const logits = Float32Array.of(2, 0, 0, 3, 1, 0, 0, 1);
    const evaluation = evaluate(Int32Array.of(0, 1, 1, 1), logits, ['no', 'yes'], 'test', 42);
    expect(evaluation).toMatchObject({
      split: 'test',
      count: 4,
      accuracy: 0.75,
      confusion: [
        [1, 0],
        [1, 2],
      ],
      perClass: [
        { label: 'no', precision: 0.5, recall: 1, support: 1 },
        { label: 'yes', precision: 1, support: 3 },
      ],
      majority: { label: 'yes', share: 0.75 },
    });
    const softplus = (margin: number): number => Math.log1p(Math.exp(-margin));
    expect(evaluation.loss).toBeCloseTo((softplus(2) + softplus(3) + softplus(-1) + softplus(1)) / 4, 12);
    expect(evaluation.macro.f1).toBeCloseTo((2 / 3 + 0.8) / 2, 12);
    const [low, high] = evaluation.intervals.macroF1;
    expect(low).toBeLessThanOrEqual(evaluation.macro.f1);
    expect(high).toBeGreaterThanOrEqual(evaluation.macro.f1);
    expect(evaluate(Int32Array.of(0, 1, 1, 1), logits, ['no', 'yes'], 'test', 42)).toEqual(evaluation);
  });

  it('does not clip the loss, and survives large logits', () => {
    expect(meanCrossEntropy(Int32Array.of(0), Float32Array.of(-1000, 1000), 2)).toBe(2000);
    expect([...probabilitiesOf(Float32Array.of(0, 0, 1000, 1000), 2, 1)]).toEqual([0.5, 0.5]);
  });

  it('refuses sizes that do not fit', () => {
    expect(() => evaluate(Int32Array.of(), Float32Array.of(), ['a', 'b'], 'test', 1)).toThrow('no text');
    expect(() => evaluate(Int32Array.of(0), Float32Array.of(1, 2, 3), ['a', 'b'], 'test', 1)).toThrow('no whole rows');
    expect(() => evaluate(Int32Array.of(0, 1), Float32Array.of(1, 2), ['a', 'b'], 'test', 1)).toThrow(
      '2 labels and 1 predictions',
    );
    expect(() => evaluate(Int32Array.of(2), Float32Array.of(1, 2), ['a', 'b'], 'test', 1)).toThrow('not below 2');
  });

  it('keeps its sums (property)', () => {
    const predictions = fc.integer({ min: 1, max: 6 }).chain((classes) =>
      fc.record({
        classes: fc.constant(classes),
        pairs: fc.array(fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1)), { minLength: 1, maxLength: 200 }),
      }),
    );
    fc.assert(
      fc.property(predictions, ({ classes, pairs }) => {
        const labels = Int32Array.from(pairs, ([label]) => label);
        const predicted = Int32Array.from(pairs, ([, prediction]) => prediction);
        const confusion = confusionMatrix(labels, predicted, classes);
        const metrics = confusionMetrics(confusion);
        expect(confusion.flat().reduce((sum, cell) => sum + cell, 0)).toBe(pairs.length);
        confusion.forEach((row, label) => {
          expect(row.reduce((sum, cell) => sum + cell, 0)).toBe(metrics.perClass[label]!.support);
        });
        expect(metrics.weighted.recall).toBeCloseTo(metrics.accuracy, 12);
        expect(Math.abs(metrics.matthews)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe('intervals', () => {
  it('gives Wilson’s interval', () => {
    // Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
    const published = [
      [81, 263, [0.2553, 0.3662]],
      [15, 148, [0.0624, 0.1605]],
      [0, 20, [0, 0.1611]],
      [1, 29, [0.0061, 0.1718]],
    ] as const;
    for (const [hits, count, [low, high]] of published) {
      const interval = wilsonInterval(hits, count);
      expect(interval[0]).toBeCloseTo(low, 4);
      expect(interval[1]).toBeCloseTo(high, 4);
    }
    expect(wilsonInterval(20, 20)[1]).toBe(1);
  });

  it('bootstraps an interval of about the width that theory gives', () => {
    // Two balanced classes, 90 % right in each: macro-F1 is near accuracy, whose standard error is sqrt(0.09 / n).
    const count = 2000;
    const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
    const predictions = labels.map((label, index) => (Math.floor(index / 2) % 10 === 0 ? 1 - label : label));
    const [low, high] = bootstrapMacroF1(labels, predictions, 2, 1);
    const expected = 2 * 1.96 * Math.sqrt(0.09 / count);
    expect(high - low).toBeGreaterThan(expected * 0.85);
    expect(high - low).toBeLessThan(expected * 1.15);
    expect((low + high) / 2).toBeCloseTo(0.9, 2);
    expect(bootstrapMacroF1(labels, predictions, 2, 1)).toEqual([low, high]);
    expect(bootstrapMacroF1(labels, predictions, 2, 2)).not.toEqual([low, high]);
    expect(bootstrapMacroF1(labels, labels, 2, 1)).toEqual([1, 1]);
  });
});

describe('the share of texts whose class is among the likeliest', () => {
  // Rows: the class first, second, third and last; then four of one size, of which the first count as the larger.
  const logits = Float64Array.from(
    [
      [4, 3, 2, 1],
      [1, 3, 2, 4],
      [4, 3, 2, 1],
      [4, 3, 2, 1],
      [1, 1, 1, 1],
    ].flat(),
  );
  const labels = Int32Array.of(0, 1, 2, 3, 3);

  it('grows with their number', () => {
    expect([1, 2, 3, 4].map((k) => topAccuracy(labels, logits, 4, k))).toEqual([0.2, 0.4, 0.6, 1]);
  });

  it('is the accuracy for one (property)', () => {
    const row = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });
    const rows = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rows, (all) => {
        const truth = Int32Array.from(all, ([, label]) => label);
        const values = Float64Array.from(all.flatMap(([each]) => each));
        const { accuracy, topThreeAccuracy } = evaluate(truth, values, ['a', 'b', 'c'], 'test', 1);
        expect(topAccuracy(truth, values, 3, 1)).toBeCloseTo(accuracy, 12);
        expect(topThreeAccuracy).toBe(1);
      }),
    );
  });
});
