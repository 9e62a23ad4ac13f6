import { fewestSliceTexts, type Slice, type SliceFigures } from '../api/slices';
import { bootstrapMacroF1, wilsonInterval } from './intervals';
import { calibrationError, confusionMetrics, meanCrossEntropy, type Logits } from './metrics';
import type { GroupName, Grouping } from './sliceGroups';

/**
 * One model on a split: `labels` and `predictions` `(rows)`, `logits` `(rows, classes)`, or null where answers were written. A prediction of
 * `classes` names no class.
 */
export interface JudgedRows {
  labels: Int32Array;
  predictions: Int32Array;
  logits: Logits | null;
  classes: number;
}

export interface JudgedModels {
  base: JudgedRows;
  tuned: JudgedRows;
  /** Of the bootstrap. */
  seed: number;
}

/** Draws of one bootstrap, so that a hundred thousand rows do not take minutes; such an interval is narrow anyway. */
const mostDraws = 1_000_000;
const fewestResamples = 200;

/** Figures of one model on some rows; without `resamples` the more rows, the fewer. Throws RangeError where there are none. */
export function figuresOfRows(
  judged: JudgedRows,
  rows: Int32Array,
  seed: number,
  resamples = Math.min(1000, Math.max(fewestResamples, Math.floor(mostDraws / rows.length))),
): SliceFigures {
  const { classes } = judged;
  if (rows.length === 0) throw new RangeError('There is no text in this slice.');
  const labels = rows.map((row) => judged.labels[row]!);
  const predictions = rows.map((row) => judged.predictions[row]!);
  const logits = judged.logits && logitsOfRows(judged.logits, rows, classes);
  const { own, named } = ownClasses(labels, predictions, classes);
  const [ownLabels, ownPredictions] = [labels.map((label) => own[label]!), predictions.map((label) => own[label]!)];
  const { accuracy, macro, weighted } = confusionMetrics(ownConfusion(ownLabels, ownPredictions, named));
  return {
    loss: logits && meanCrossEntropy(labels, logits, classes),
    accuracy,
    macroPrecision: macro.precision,
    macroRecall: macro.recall,
    macroF1: macro.f1,
    weightedF1: weighted.f1,
    calibrationError: logits && calibrationError(labels, logits, classes),
    intervals: {
      accuracy: wilsonInterval(Math.round(accuracy * rows.length), rows.length),
      macroF1: bootstrapMacroF1(ownLabels, ownPredictions, named, seed, resamples, 'present'),
    },
  };
}

function logitsOfRows(all: Logits, rows: Int32Array, classes: number): Float64Array {
  const logits = new Float64Array(rows.length * classes);
  rows.forEach((row, index) => logits.set(all.subarray(row * classes, (row + 1) * classes), index * classes));
  return logits;
}

/** Numbers the classes that these rows have, true or predicted; the others say nothing of the slice. No class comes after them. */
function ownClasses(labels: Int32Array, predictions: Int32Array, classes: number): { own: Int32Array; named: number } {
  const own = new Int32Array(classes + 1).fill(-1);
  for (const label of labels) own[label] = 0;
  for (const label of predictions) own[label] = 0;
  let named = 0;
  own.subarray(0, classes).forEach((has, label) => {
    if (has === 0) own[label] = named++;
  });
  own[classes] = named;
  return { own, named };
}

/** Rows true, columns predicted, the last one no class. */
function ownConfusion(labels: Int32Array, predictions: Int32Array, named: number): number[][] {
  const confusion = Array.from({ length: named }, () => new Array<number>(named + 1).fill(0));
  labels.forEach((label, index) => (confusion[label]![predictions[index]!]! += 1));
  return confusion;
}

/** A slice of both models. */
export function sliceOfRows(name: GroupName, rows: Int32Array, { base, tuned, seed }: JudgedModels): Slice {
  const figures = (judged: JudgedRows) => (rows.length === 0 ? null : figuresOfRows(judged, rows, seed));
  return { ...name, rows: rows.length, tooFew: rows.length < fewestSliceTexts, base: figures(base), tuned: figures(tuned) };
}

/** The rows of each group, ascending. */
export function rowsByGroup({ names, groupOf }: Grouping): Int32Array[] {
  const rows: number[][] = names.map(() => []);
  groupOf.forEach((group, row) => rows[group]!.push(row));
  return rows.map((group) => Int32Array.from(group));
}
