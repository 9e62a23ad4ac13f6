import { createRandom, drawBelow, randomStreams } from '../data/random';
import { percentile } from './intervals';

/** Two models on the same texts: `labels` and predictions `(texts)`, losses in nats `(texts)`. A prediction of `classes` names none. */
export interface PairedJudgements {
  labels: Int32Array;
  classes: number;
  a: PairedModel;
  b: PairedModel;
}

export interface PairedModel {
  predictions: Int32Array;
  losses: Float64Array;
}

/** What differs, a − b, with 95 % percentile intervals. */
export interface PairedDifference {
  value: number;
  interval: [number, number];
}

export type PairedDifferences = Record<'accuracy' | 'macroF1' | 'loss', PairedDifference>;

/** Draws of one bootstrap in all, so that very many texts do not take minutes; such an interval is narrow anyway. */
const mostDraws = 4_000_000;
const fewestResamples = 200;

/**
 * Differences of two models by a paired bootstrap: each resample draws texts by the seed, with replacement, and judges both models on the
 * same ones, so that what makes a text hard for both cancels out. Macro-F1 is over all classes; one that a resample lacks counts as 0, as in
 * `bootstrapMacroF1`. Throws RangeError where there is no text.
 */
export function pairedDifferences(
  { labels, classes, a, b }: PairedJudgements,
  seed: number,
  resamples = Math.min(1000, Math.max(fewestResamples, Math.floor(mostDraws / Math.max(1, labels.length)))),
): PairedDifferences {
  const count = labels.length;
  if (count === 0) throw new RangeError('There is no text to compare two models on.');
  const random = createRandom(seed, randomStreams.bootstrap);
  const drawn = new Int32Array(count);
  const found = {
    accuracy: new Float64Array(resamples),
    macroF1: new Float64Array(resamples),
    loss: new Float64Array(resamples),
  };
  for (let resample = 0; resample < resamples; resample += 1) {
    for (let draw = 0; draw < count; draw += 1) drawn[draw] = drawBelow(random, count);
    const [ofA, ofB] = [scoresOfRows(labels, classes, a, drawn), scoresOfRows(labels, classes, b, drawn)];
    found.accuracy[resample] = ofA.accuracy - ofB.accuracy;
    found.macroF1[resample] = ofA.macroF1 - ofB.macroF1;
    found.loss[resample] = ofA.loss - ofB.loss;
  }
  const every = Int32Array.from({ length: count }, (_, index) => index);
  const [ofA, ofB] = [scoresOfRows(labels, classes, a, every), scoresOfRows(labels, classes, b, every)];
  const told = (figure: keyof PairedDifferences): PairedDifference => {
    const sorted = found[figure].sort();
    return { value: ofA[figure] - ofB[figure], interval: [percentile(sorted, 0.025), percentile(sorted, 0.975)] };
  };
  return { accuracy: told('accuracy'), macroF1: told('macroF1'), loss: told('loss') };
}

/** One model on some rows, a row as often as it is drawn; the loss is the rows' mean. */
export function scoresOfRows(
  labels: Int32Array,
  classes: number,
  { predictions, losses }: PairedModel,
  rows: Int32Array,
): Record<keyof PairedDifferences, number> {
  const right = new Int32Array(classes);
  /** Texts of the class and texts predicted as it, together: the denominator of its F1. */
  const sizes = new Int32Array(classes + 1);
  let hits = 0;
  let loss = 0;
  for (const row of rows) {
    const label = labels[row]!;
    const predicted = predictions[row]!;
    sizes[label]! += 1;
    sizes[predicted]! += 1;
    loss += losses[row]!;
    if (label !== predicted) continue;
    right[label]! += 1;
    hits += 1;
  }
  let f1 = 0;
  for (let index = 0; index < classes; index += 1) if (sizes[index]! > 0) f1 += (2 * right[index]!) / sizes[index]!;
  return { accuracy: hits / rows.length, macroF1: f1 / classes, loss: loss / rows.length };
}

/** Beyond so many texts the normal approximation, with its continuity correction, is as good. */
const mostExact = 20_000;

/**
 * McNemar's test (1947) of two models on the same texts: of those that one alone reads right, `onlyA` and `onlyB`, is the split as of a fair
 * coin? The exact two-sided p-value, as statsmodels' `mcnemar(exact=True)`.
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const count = onlyA + onlyB;
  if (count === 0) return 1;
  const fewer = Math.min(onlyA, onlyB);
  if (count > mostExact) {
    const distance = Math.max(0, Math.abs(onlyA - onlyB) - 1) / Math.sqrt(count);
    return Math.min(1, 2 * normalTail(distance));
  }
  // Terms of the binomial distribution from its tail on, in logarithms: 2^-20000 is no double.
  let term = -count * Math.LN2;
  let tail = Math.exp(term);
  for (let index = 1; index <= fewer; index += 1) {
    term += Math.log((count - index + 1) / index);
    tail += Math.exp(term);
  }
  return Math.min(1, 2 * tail);
}

/** The standard normal's upper tail: Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function normalTail(distance: number): number {
  const t = 1 / (1 + 0.2316419 * distance);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-(distance ** 2) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
