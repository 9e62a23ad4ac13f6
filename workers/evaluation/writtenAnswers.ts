import type { SplitName } from '../api/dataset';
import type { WrittenEvaluation } from '../api/results';
import { nextTask } from '../engine/nextTask';
import type { TextTokenizer } from '../tokenizer/tokenizer';
import { namedLabel, unparsedShare } from './answers';
import type { GenerationSettings, Generator } from './generation';
import { classFigures } from './metrics';
import { unwatched, type Watch } from './watch';

/** What a model wrote after a prompt, and the label that this names. */
export interface WrittenAnswer {
  answer: string;
  /** Null: none, or several. */
  label: number | null;
}

/** Lets the model answer freely and reads its answers. Null where `watch` ended it early. */
export async function writeAnswers(
  generator: Generator,
  prompts: readonly ArrayLike<number>[],
  labels: readonly string[],
  tokenizer: Pick<TextTokenizer, 'decode'>,
  settings: GenerationSettings,
  watch: Watch = unwatched,
): Promise<WrittenAnswer[] | null> {
  const texts = generator.begin(prompts, settings);
  let told = 0;
  while (!texts.areDone) {
    if (!(await watch.proceed())) return null;
    await texts.advance();
    const answered = texts.results.filter(({ ended }) => ended !== 'cancelled').length;
    if (answered > told) watch.done(answered - told);
    told = answered;
    await nextTask();
  }
  return texts.results.map(({ ids }) => {
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
  const predictions = classesNamed(answers, classes);
  const confusion = classNames.map(() => new Array<number>(classes + 1).fill(0));
  labels.forEach((label, index) => (confusion[label]![predictions[index]!]! += 1));
  return {
    ...classFigures(labels, predictions, confusion, classNames, split, seed),
    unparsed: unparsedShare(answers.map(({ label }) => label)),
  };
}

/** The class that each answer names, as an index; `classes`, one more than the last, for those that name none. */
export function classesNamed(answers: readonly WrittenAnswer[], classes: number): Int32Array {
  return Int32Array.from(answers, ({ label }) => label ?? classes);
}
