import type { SplitName } from '../api/dataset';
import type { ClassifiedText, Evaluation, WatchedText } from '../api/results';
import { evaluate, predictedClasses, probabilitiesOf } from '../evaluation/metrics';
import type { JudgedSplit } from './runTask';

/** One model's logits on one split, and what follows from them. */
export interface Judgement {
  split: JudgedSplit;
  logits: Float32Array;
  predictions: Int32Array;
  evaluation: Evaluation;
}

export function judge(
  name: SplitName,
  split: JudgedSplit,
  logits: Float32Array,
  labels: readonly string[],
  seed: number,
): Judgement {
  return {
    split,
    logits,
    predictions: predictedClasses(logits, labels.length),
    evaluation: evaluate(split.labels, logits, labels, name, seed),
  };
}

export function classifiedText(judgement: Judgement, index: number, labels: readonly string[]): ClassifiedText {
  const predicted = judgement.predictions[index] ?? 0;
  return {
    text: judgement.split.texts[index] ?? '',
    label: labels[judgement.split.labels[index] ?? 0] ?? '',
    predicted: labels[predicted] ?? '',
    probability: probabilitiesOf(judgement.logits, labels.length, index)[predicted] ?? 0,
  };
}

const watchedCount = 6;

/**
 * The validation texts that the page follows: mostly ones the base model gets wrong, of as many classes as there are,
 * and one that it gets right, so that a loss would show too.
 */
export function chooseWatched(base: Judgement): number[] {
  const wrong: number[] = [];
  const right: number[] = [];
  base.predictions.forEach((predicted, index) => (predicted === base.split.labels[index] ? right : wrong).push(index));
  const chosen = spreadOverClasses(wrong, base.split.labels, watchedCount - Math.min(1, right.length));
  return [...chosen, ...right.slice(0, watchedCount - chosen.length)];
}

function spreadOverClasses(indices: readonly number[], labels: Int32Array, count: number): number[] {
  const queues = new Map<number, number[]>();
  for (const index of indices) {
    const label = labels[index] ?? 0;
    queues.set(label, [...(queues.get(label) ?? []), index]);
  }
  const chosen: number[] = [];
  while (chosen.length < Math.min(count, indices.length)) {
    for (const queue of queues.values()) {
      const index = queue.shift();
      if (index !== undefined && chosen.length < count) chosen.push(index);
    }
  }
  return chosen;
}

export function watchedTexts(judgement: Judgement, indices: readonly number[], labels: readonly string[]): WatchedText[] {
  return indices.map((index) => classifiedText(judgement, index, labels));
}
