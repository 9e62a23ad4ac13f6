import type { SplitName } from '../../api/dataset';
import type { ClassFigures, ClassifiedText, Evaluation, WatchedText, WrittenEvaluation } from '../../api/results';
import { evaluate, predictedClasses, probabilitiesOf } from '../../evaluation/metrics';
import { classesNamed, evaluateWritten, type WrittenAnswer } from '../../evaluation/writtenAnswers';
import type { JudgedSplit } from '../tasks/runTask';

/** Which class one model gave each text of a split, and what follows from that. */
export interface JudgedTexts {
  split: JudgedSplit;
  /** One a text; as many as there are classes: none of them. */
  predictions: Int32Array;
  /** `(texts, classes)`; null where the answers were written. */
  logits: Float32Array | null;
  /** What the model wrote, one a text; null where the logits decide. */
  answers: readonly WrittenAnswer[] | null;
  evaluation: ClassFigures;
}

/** By the likeliest class. */
export interface Judgement extends JudgedTexts {
  logits: Float32Array;
  answers: null;
  evaluation: Evaluation;
}

/** By what the model writes. */
export interface WrittenJudgement extends JudgedTexts {
  logits: null;
  answers: readonly WrittenAnswer[];
  evaluation: WrittenEvaluation;
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
    answers: null,
    predictions: predictedClasses(logits, labels.length),
    evaluation: evaluate(split.labels, logits, labels, name, seed),
  };
}

/** `answers` to the texts of these rows of the split, which are the texts judged. */
export function judgeWritten(
  name: SplitName,
  split: JudgedSplit,
  rows: readonly number[],
  answers: readonly WrittenAnswer[],
  labels: readonly string[],
  seed: number,
): WrittenJudgement {
  const truth = Int32Array.from(rows, (row) => split.labels[row] ?? 0);
  return {
    split: { texts: rows.map((row) => split.texts[row] ?? ''), labels: truth },
    logits: null,
    answers,
    predictions: classesNamed(answers, labels.length),
    evaluation: evaluateWritten(truth, answers, labels, name, seed),
  };
}

export function classifiedText(
  { split, predictions, logits, answers }: JudgedTexts,
  index: number,
  labels: readonly string[],
): ClassifiedText {
  const predicted = predictions[index] ?? labels.length;
  return {
    text: split.texts[index] ?? '',
    label: labels[split.labels[index] ?? 0] ?? '',
    predicted: labels[predicted] ?? null,
    probability: logits && (probabilitiesOf(logits, labels.length, index)[predicted] ?? 0),
    answer: answers && (answers[index]?.answer ?? ''),
  };
}

/** Surest first; written answers as their texts come. */
export function bySureness(first: ClassifiedText, second: ClassifiedText): number {
  return (second.probability ?? 0) - (first.probability ?? 0);
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
  return indices.map((index) => {
    const { text, label, predicted, probability } = classifiedText(judgement, index, labels);
    return { text, label, predicted: predicted ?? '', probability: probability ?? 0 };
  });
}
