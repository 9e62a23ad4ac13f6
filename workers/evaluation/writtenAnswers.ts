import type { SplitName } from '../api/dataset';
import type { ClassMetrics, Evaluation } from '../api/results';
import type { TextTokenizer } from '../tokenizer/tokenizer';
import { namedLabel, unparsedShare } from './answers';
import type { GenerationOptions, GenerationSettings, Generator } from './generation';
import { bootstrapMacroF1, wilsonInterval } from './intervals';
import { confusionMetrics, majorityOf } from './metrics';

/** What a model wrote after a prompt, and the label that this names. */
export interface WrittenAnswer {
  answer: string;
  /** Null: none, or several. */
  label: number | null;
}

/** Figures of written answers: those of an `Evaluation` that need no probabilities, and how many name no label. */
export type WrittenEvaluation = Omit<Evaluation, 'loss' | 'calibrationError'> & {
  /** The share of answers that name no label; the last column of `confusion` counts them. */
  unparsed: number;
};

/** Lets the model answer freely and reads its answers. */
export async function writeAnswers(
  generator: Generator,
  prompts: readonly ArrayLike<number>[],
  labels: readonly string[],
  tokenizer: Pick<TextTokenizer, 'decode'>,
  settings: GenerationSettings,
  options: GenerationOptions = {},
): Promise<WrittenAnswer[]> {
  const texts = await generator.generate(prompts, settings, options);
  return texts.map(({ ids }) => {
    const answer = tokenizer.decode(ids);
    return { answer, label: namedLabel(answer, labels) };
  });
}

/**
 * Figures of answers to texts of these classes; as scikit-learn's with `labels` = all classes, where an answer that names none is a
 * prediction outside of them: it lacks in its own class' recall and counts against no other's precision.
 */
export function evaluateWritten(
  labels: Int32Array,
  answers: readonly WrittenAnswer[],
  classNames: readonly string[],
  split: SplitName,
  seed: number,
): WrittenEvaluation {
  if (labels.length === 0 || labels.length !== answers.length) {
    throw new RangeError(
      `There are ${labels.length} labels and ${answers.length} answers; both must be as many, and one at least.`,
    );
  }
  const classes = classNames.length;
  const count = labels.length;
  const predictions = Int32Array.from(answers, ({ label }) => label ?? classes);
  const confusion = classNames.map(() => new Array<number>(classes + 1).fill(0));
  labels.forEach((label, index) => (confusion[label]![predictions[index]!]! += 1));
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
      macroF1: bootstrapMacroF1(labels, predictions, classes, seed),
    },
    majority: majorityOf(perClass, classNames, count),
    unparsed: unparsedShare(answers.map(({ label }) => label)),
  };
}
