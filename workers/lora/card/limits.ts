import type { ClassFigures, ClassResult, TextResult } from '../../api/results';
import type { SlicesReport } from '../../api/slices';
import type { CardRecord } from '../trainingLog';
import { confusions, nameOf } from './confusions';
import { code, figure, inline } from './markdown';

/** Classes and slices named in one line; of more, the first and a count. */
const mostNamed = 6;
/** Figures of fewer texts say little. */
const fewTexts = 20;
/** The mean gap between stated and true probability from which it is worth a warning. */
const poorCalibration = 0.1;
/** The share of a class read as one other class from which the pair is worth a warning. */
const oftenConfused = 0.15;
/** How far below the whole a slice's accuracy is worth naming. */
const slicesBelow = 0.1;

/** What the figures do not promise; each line follows from the run. */
export function limitLines(record: CardRecord, slices: SlicesReport | null): string {
  const { result, maxLength } = record;
  const lines = [
    seen(record),
    result.task === 'text'
      ? `Text is read in blocks of at most ${maxLength} tokens.`
      : `Texts are cut at ${maxLength} tokens; what comes after is not read.`,
    ...(result.task === 'text' ? textLimits(result) : classLimits(result, slices)),
    'Nothing was measured about bias towards groups of people, toxic output, or texts written to mislead the model.',
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

function seen({ result, data }: CardRecord): string {
  const elsewhere = 'on texts of another kind, time or language these figures do not hold until measured there.';
  if (result.origin === 'import') return `It was trained elsewhere and only measured here: ${elsewhere}`;
  const unit = result.task === 'text' ? 'blocks' : 'texts';
  return `It has seen ${result.trainExamples.toLocaleString('en')} ${unit} of ${inline(data.name)} and nothing else of the task: ${elsewhere}`;
}

function textLimits({ split, base, tuned }: TextResult): string[] {
  return [...chosenOn(split), ...(tuned.loss < base.loss ? [] : ['It predicts these texts no better than its base model does.'])];
}

function classLimits(result: ClassResult, slices: SlicesReport | null): string[] {
  const { tuned, task, written } = result;
  return [
    ...chosenOn(tuned.split),
    ...beyondGuessing(tuned),
    ...rareClasses(tuned),
    ...missedClasses(tuned),
    ...confusedClasses(result),
    ...(tuned.calibrationError > poorCalibration
      ? [
          `Its probabilities are off by ${figure(tuned.calibrationError)} on average (expected calibration error): do not read them as they stand.`,
        ]
      : []),
    ...(task === 'prompt' && written && written.unparsed.tuned > 0
      ? [`When it writes freely, ${figure(written.unparsed.tuned)} of its answers name no label.`]
      : []),
    ...(slices === null ? [] : weakSlices(slices)),
  ];
}

function chosenOn(split: string): string[] {
  if (split !== 'validation') return [];
  return ['There was no test split: the texts that chose the step to keep are those that judge it, which flatters the figures.'];
}

function beyondGuessing({ intervals, majority }: ClassFigures): string[] {
  if (intervals.accuracy[0] > majority.share) return [];
  return [
    `The interval of its accuracy does not lie above ${figure(majority.share)}, what always guessing ${code(majority.label)} scores: it may have learned nothing of use.`,
  ];
}

function rareClasses({ perClass }: ClassFigures): string[] {
  const rare = perClass.filter(({ support }) => support < fewTexts).map(({ label, support }) => `${code(label)} (${support})`);
  return rare.length === 0 ? [] : [`Too few texts to tell much about ${someOf(rare)}.`];
}

function missedClasses({ perClass }: ClassFigures): string[] {
  const missed = perClass
    .filter(({ support, recall }) => support >= fewTexts && recall < 0.5)
    .map(({ label, recall }) => `${code(label)} (recall ${figure(recall)})`);
  return missed.length === 0 ? [] : [`It misses more than half the texts of ${someOf(missed)}.`];
}

/** Pairs of which the one is often read as the other: the first to check where the difference matters. */
function confusedClasses({ tuned, labels }: ClassResult): string[] {
  const pairs = confusions(tuned.confusion)
    .filter(({ texts, share }) => texts >= fewTexts && share >= oftenConfused)
    .toSorted((a, b) => b.share - a.share)
    .map(({ actual, predicted, share }) => `${nameOf(labels, actual)} as ${nameOf(labels, predicted)} (${figure(share)})`);
  return pairs.length === 0 ? [] : [`Check by hand where these matter, by share of the class: it reads ${someOf(pairs)}.`];
}

function weakSlices({ groups, all }: SlicesReport): string[] {
  const bound = all.tuned.accuracy - slicesBelow;
  const weak = groups.flatMap(({ by, kind, slices }) =>
    slices.flatMap(({ value, range, tuned, tooFew }) => {
      if (tuned === null || tooFew || tuned.accuracy >= bound) return [];
      const name =
        kind === 'column' ? `${code(by)} ${code(value)}` : inline(kind === 'length' ? `${value} texts, ${range ?? ''}` : value);
      return [`${name} (${figure(tuned.accuracy)})`];
    }),
  );
  return weak.length === 0 ? [] : [`Its accuracy is lower by more than ${slicesBelow} on ${someOf(weak)}.`];
}

function someOf(names: readonly string[]): string {
  const left = names.length - mostNamed;
  return left > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${left} more` : names.join(', ');
}
