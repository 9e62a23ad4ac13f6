import { expect, it, test } from 'vitest';
import { mcnemar, pairedDifferences, scoresOfRows } from './comparePaired';
import { confusionMatrix, confusionMetrics } from './metrics';

const count = 400;
const labels = Int32Array.from({ length: count }, (_, row) => row % 3);
const a = {
  predictions: labels.map((label, row) => (row % 10 < 8 ? label : (label + 1) % 3)),
  losses: Float64Array.from(labels, (_, row) => (row % 5) / 10),
};
const b = {
  predictions: labels.map((label, row) => (row % 7 < 5 ? label : (label + 2) % 3)),
  losses: Float64Array.from(labels, (_, row) => (row % 11) / 10),
};
const pair = { labels, classes: 3, a, b };

// scipy.stats.binomtest(fewer, all, 0.5)
test.each([
  [97, 15, 7.121860330286235e-16],
  [10, 2, 0.03857421875],
  [3, 1, 0.625],
  [5, 5, 1],
  [0, 4, 0.125],
  [0, 0, 1],
  [300, 240, 0.011050481081930009],
  [10150, 9850, 0.03449137260984106],
])('%i texts that A alone reads right against %i: p = %d', (onlyA, onlyB, expected) => {
  expect(mcnemar(onlyA, onlyB) / expected).toBeCloseTo(1, 8);
  expect(mcnemar(onlyB, onlyA)).toBe(mcnemar(onlyA, onlyB));
});

it('goes over to the normal approximation without a jump', () => {
  expect(mcnemar(10150, 9951) / 0.16254740577325796).toBeCloseTo(1, 3);
});

it('has the intervals of a bootstrap by numpy, 20,000 resamples', () => {
  const { accuracy, macroF1, loss } = pairedDifferences(pair, 42);
  expect(accuracy.value).toBeCloseTo(0.085, 12);
  expect(macroF1.value).toBeCloseTo(0.08500541700273379, 12);
  expect(loss.value).toBeCloseTo(-0.2965, 12);
  // A percentile of 1,000 resamples stands within a tenth of the interval's width.
  const near = (interval: [number, number], expected: [number, number]) =>
    interval.forEach((end, index) => expect(Math.abs(end - expected[index]!)).toBeLessThan(0.1 * (expected[1] - expected[0])));
  near(accuracy.interval, [0.025, 0.145]);
  near(macroF1.interval, [0.02531063, 0.14455631]);
  near(loss.interval, [-0.33075, -0.263]);
});

it('is the same for the same seed, and mirrored for the other order', () => {
  const [first, again, other] = [
    pairedDifferences(pair, 7),
    pairedDifferences(pair, 7),
    pairedDifferences({ ...pair, a: b, b: a }, 7),
  ];
  expect(again).toEqual(first);
  expect(other.accuracy.interval[0]).toBeCloseTo(-first.accuracy.interval[1], 12);
});

it('scores as the confusion matrix does', () => {
  const every = Int32Array.from({ length: count }, (_, row) => row);
  const { accuracy, macroF1 } = scoresOfRows(labels, 3, a, every);
  const metrics = confusionMetrics(confusionMatrix(labels, a.predictions, 3));
  expect(accuracy).toBeCloseTo(metrics.accuracy, 12);
  expect(macroF1).toBeCloseTo(metrics.macro.f1, 12);
});

it('has nothing to say of no texts', () => {
  const none = { predictions: new Int32Array(), losses: new Float64Array() };
  expect(() => pairedDifferences({ labels: new Int32Array(), classes: 2, a: none, b: none }, 1)).toThrow(RangeError);
});
