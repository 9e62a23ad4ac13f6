import type { Averages, ClassFigures, ClassMetrics, Evaluation } from '../api/results';
import type { SplitName } from '../api/dataset';
import { bootstrapMacroF1, wilsonInterval } from './intervals';

/** Figures of a confusion matrix; equal to scikit-learn's with `labels` = all classes and `zero_division` = 0. */
export interface ConfusionMetrics {
  accuracy: number;
  perClass: (Averages & { support: number })[];
  /** Unweighted mean over all classes, those that never occur included (they count as 0). */
  macro: Averages;
  micro: Averages;
  /** Mean weighted by support. */
  weighted: Averages;
  /** Matthews' coefficient for any number of classes (R_K); 0 where it is undefined. */
  matthews: number;
}

/** Logits `(count, classes)`, row after row. */
export type Logits = Float32Array | Float64Array;

/** scikit-learn clips probabilities here before the logarithm. */
const SMALLEST_PROBABILITY = 2 ** -52;
const CALIBRATION_BINS = 10;

/**
 * Every figure of one model on one split. `logits` is `(labels.length, classNames.length)`; the seed is that of the bootstrap. Throws where
 * the sizes do not fit or there is nothing to evaluate.
 */
export function evaluate(
  labels: Int32Array,
  logits: Logits,
  classNames: readonly string[],
  split: SplitName,
  seed: number,
): Evaluation {
  const classes = classNames.length;
  const count = labels.length;
  if (count === 0) throw new RangeError('There is no text to evaluate.');
  const predictions = predictedClasses(logits, classes);
  const confusion = confusionMatrix(labels, predictions, classes);
  return {
    ...classFigures(labels, predictions, confusion, classNames, split, seed),
    loss: meanCrossEntropy(labels, logits, classes),
    calibrationError: calibrationError(labels, logits, classes),
    topThreeAccuracy: topAccuracy(labels, logits, classes, 3),
  };
}

/** What follows from the classes that texts were given; `confusion` is of these, a prediction of `classNames.length` is none of them. */
export function classFigures(
  labels: Int32Array,
  predictions: Int32Array,
  confusion: number[][],
  classNames: readonly string[],
  split: SplitName,
  seed: number,
): ClassFigures {
  const count = labels.length;
  const { accuracy, perClass, macro, weighted } = confusionMetrics(confusion);
  return {
    split,
    count,
    accuracy,
    macro,
    weighted,
    perClass: perClass.map((figures, index): ClassMetrics => ({ label: classNames[index]!, ...figures })),
    confusion,
    intervals: {
      accuracy: wilsonInterval(accuracy * count, count),
      macroF1: bootstrapMacroF1(labels, predictions, classNames.length, seed),
    },
    majority: majorityOf(perClass, classNames, count),
  };
}

/** The share of texts whose class is among the `k` of the largest logits, the first on ties: scikit-learn's top_k_accuracy_score without them. */
export function topAccuracy(labels: Int32Array, logits: Logits, classes: number, k: number): number {
  const right = labels.filter((label, row) => {
    const own = logits[row * classes + label]!;
    let ahead = 0;
    for (let index = 0; index < classes; index += 1) {
      const value = logits[row * classes + index]!;
      if (value > own || (value === own && index < label)) ahead += 1;
    }
    return ahead < k;
  });
  return ratio(right.length, labels.length);
}

/** The class of the largest logit of each row, the first on ties. */
export function predictedClasses(logits: Logits, classes: number): Int32Array {
  const count = rowsOf(logits, classes);
  const predictions = new Int32Array(count);
  for (let row = 0; row < count; row += 1) {
    let best = 0;
    for (let index = 1; index < classes; index += 1) {
      if (logits[row * classes + index]! > logits[row * classes + best]!) best = index;
    }
    predictions[row] = best;
  }
  return predictions;
}

/** Softmax of one row, in double precision: `(classes)`. */
export function probabilitiesOf(logits: Logits, classes: number, row: number): Float64Array {
  const values = Float64Array.from(logits.subarray(row * classes, (row + 1) * classes));
  const largest = largestOf(values);
  const exponentials = values.map((value) => Math.exp(value - largest));
  const total = exponentials.reduce((subtotal, exponential) => subtotal + exponential, 0);
  return exponentials.map((exponential) => exponential / total);
}

/** Rows true, columns predicted. */
export function confusionMatrix(labels: Int32Array, predictions: Int32Array, classes: number): number[][] {
  if (labels.length !== predictions.length)
    throw new RangeError(`There are ${labels.length} labels and ${predictions.length} predictions.`);
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, index) => {
    const row = matrix[label];
    const predicted = predictions[index]!;
    if (row?.[predicted] === undefined)
      throw new RangeError(`Text ${index}: class ${label} or ${predicted} is not below ${classes}.`);
    row[predicted] += 1;
  });
  return matrix;
}

/** Rows true, columns predicted; a further column counts texts that were given no class. */
export function confusionMetrics(confusion: readonly (readonly number[])[]): ConfusionMetrics {
  const right = confusion.map((row, index) => row[index]!);
  const supports = confusion.map(sum);
  const predicted = confusion.map((_, column) => sum(confusion.map((row) => row[column]!)));
  const count = sum(supports);
  const perClass = right.map((hits, index) => ({
    precision: ratio(hits, predicted[index]!),
    recall: ratio(hits, supports[index]!),
    f1: ratio(2 * hits, predicted[index]! + supports[index]!),
    support: supports[index]!,
  }));
  const accuracy = ratio(sum(right), count);
  return {
    accuracy,
    perClass,
    macro: averages(
      perClass,
      perClass.map(() => 1),
    ),
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    weighted: averages(perClass, supports),
    matthews: matthews(sum(right), supports, predicted),
  };
}

/** Mean cross-entropy in nats, as the training loss: without clipping. */
export function meanCrossEntropy(labels: Int32Array, logits: Logits, classes: number): number {
  return meanOverRows(labels, logits, classes, (row, label) => crossEntropy(logits, classes, row, label));
}

/** Of each text by itself, `(texts)`. */
export function crossEntropies(labels: Int32Array, logits: Logits, classes: number): Float64Array {
  return Float64Array.from(labels, (label, row) => crossEntropy(logits, classes, row, label));
}

function crossEntropy(logits: Logits, classes: number, row: number, label: number): number {
  const values = logits.subarray(row * classes, (row + 1) * classes);
  const largest = largestOf(values);
  let exponentials = 0;
  for (const value of values) exponentials += Math.exp(value - largest);
  return Math.log(exponentials) + largest - values[label]!;
}

/** scikit-learn's log_loss: as `meanCrossEntropy`, with probabilities clipped. */
export function logLoss(labels: Int32Array, logits: Logits, classes: number): number {
  return meanOverRows(labels, logits, classes, (row, label) => {
    const probability = probabilitiesOf(logits, classes, row)[label]!;
    return -Math.log(Math.min(1 - SMALLEST_PROBABILITY, Math.max(SMALLEST_PROBABILITY, probability)));
  });
}

/** Expected calibration error over ten bins of equal width of the top probability; the last bin holds 1 too. */
export function calibrationError(labels: Int32Array, logits: Logits, classes: number): number {
  const predictions = predictedClasses(logits, classes);
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ confidence: 0, right: 0 }));
  predictions.forEach((predicted, row) => {
    const confidence = probabilitiesOf(logits, classes, row)[predicted]!;
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.floor(CALIBRATION_BINS * confidence))]!;
    bin.confidence += confidence;
    if (predicted === labels[row]) bin.right += 1;
  });
  return ratio(sum(bins.map(({ confidence, right }) => Math.abs(right - confidence))), labels.length);
}

function meanOverRows(
  labels: Int32Array,
  logits: Logits,
  classes: number,
  lossOf: (row: number, label: number) => number,
): number {
  if (rowsOf(logits, classes) !== labels.length) {
    throw new RangeError(`There are ${labels.length} labels and logits of ${logits.length} / ${classes} rows.`);
  }
  let total = 0;
  labels.forEach((label, row) => {
    total += lossOf(row, label);
  });
  return ratio(total, labels.length);
}

function rowsOf(logits: Logits, classes: number): number {
  if (logits.length % classes !== 0) throw new RangeError(`${logits.length} logits are no whole rows of ${classes} classes.`);
  return logits.length / classes;
}

function averages(perClass: readonly Averages[], weights: readonly number[]): Averages {
  const mean = (key: keyof Averages): number =>
    ratio(sum(perClass.map((figures, index) => figures[key] * weights[index]!)), sum(weights));
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

/** Gorodkin (2004), "Comparing two K-category assignments by a K-category correlation coefficient". */
function matthews(right: number, supports: readonly number[], predicted: readonly number[]): number {
  const count = sum(supports);
  const together = sum(supports.map((support, index) => support * predicted[index]!));
  const spreadOfTruth = count ** 2 - sum(supports.map((support) => support ** 2));
  const spreadOfPredictions = count ** 2 - sum(predicted.map((size) => size ** 2));
  return ratio(right * count - together, Math.sqrt(spreadOfTruth) * Math.sqrt(spreadOfPredictions));
}

/** The class that is most frequent, and its share of `count` texts. */
export function majorityOf(
  perClass: readonly { support: number }[],
  classNames: readonly string[],
  count: number,
): Evaluation['majority'] {
  const supports = perClass.map(({ support }) => support);
  const largest = Math.max(...supports);
  return { label: classNames[supports.indexOf(largest)]!, share: largest / count };
}

function largestOf(values: Iterable<number>): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  return largest;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 0 / 0 counts as 0: scikit-learn's `zero_division`. */
function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
