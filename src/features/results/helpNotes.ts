import { confusionsOf, countAt, rowTotal, type MatrixCell } from '../../charts/matrix';
import type { TrainingSettings } from '../../../workers/api/settings';
import { formatCount, formatPercent, plural } from '../../ui/format';
import type { JudgedResult } from './judged';

export interface HelpNote {
  /** In bold. */
  title: string;
  words: string;
  /** Whose texts show it. */
  cell: MatrixCell | null;
}

/** A confusion is worth a note from so many texts, and from this share of their class, on. */
const fewestConfused = 3;
const leastShare = 0.1;
const mostOverlaps = 2;
const mostUnparsed = 0.05;
const mostNotes = 4;

/** The settings that say how a run weighed its classes. */
export type Weighing = Pick<TrainingSettings, 'task' | 'classWeights'>;

/** What the errors of many classes say of the data, and what can be done about it. `weighing`: null where no run of ours trained it. */
export function helpNotes(result: JudgedResult, weighing: Weighing | null): HelpNote[] {
  return [...unparsed(result), ...overlaps(result), ...drawing(result), ...rare(result, weighing)].slice(0, mostNotes);
}

/** Pairs that are taken for each other. */
function overlaps({ labels, tuned: { confusion } }: JudgedResult): HelpNote[] {
  const seen = new Set<string>();
  const pairs = confusionsOf(confusion).filter(({ actual, predicted, count, share }) => {
    const key = [actual, predicted].sort((first, second) => first - second).join(' ');
    if (predicted >= labels.length || seen.has(key) || count < fewestConfused || share < leastShare) return false;
    seen.add(key);
    return true;
  });
  return pairs.slice(0, mostOverlaps).map(({ actual, predicted, count }) => {
    const back = countAt(confusion, { actual: predicted, predicted: actual });
    const other = back === 0 ? 'none the other' : `${formatCount(back)} the other`;
    return {
      title: `${labels[actual]} and ${labels[predicted]} overlap.`,
      words: `${formatCount(count)} of ${formatCount(rowTotal(confusion, actual))} go one way, ${other}. Read their texts; where people mean the same, give both one label in the file.`,
      cell: { actual, predicted },
    };
  });
}

/** The class in which most texts of several others end. */
function drawing({ labels, tuned: { confusion } }: JudgedResult): HelpNote[] {
  const drawn = labels.map((_, predicted) => {
    const from = confusion.flatMap((row, actual) =>
      actual === predicted || !row[predicted] ? [] : [{ actual, count: row[predicted] }],
    );
    return { predicted, from, count: from.reduce((sum, { count }) => sum + count, 0) };
  });
  const [most] = drawn.toSorted((first, second) => second.count - first.count);
  if (!most || most.from.length < 3 || most.count < Math.max(fewestConfused, 0.25 * rowTotal(confusion, most.predicted)))
    return [];
  const [largest] = most.from.toSorted((first, second) => second.count - first.count);
  return [
    {
      title: `${labels[most.predicted]} draws from its neighbours.`,
      words: `${plural(most.count, 'text')} of ${most.from.length} other classes end there. More training rows of those classes, or fewer of this one, move the border.`,
      cell: largest ? { actual: largest.actual, predicted: most.predicted } : null,
    },
  ];
}

/** Weak classes that have far fewer texts than the others. */
function rare({ tuned }: JudgedResult, weighing: Weighing | null): HelpNote[] {
  const typical = tuned.count / Math.max(1, tuned.perClass.length);
  const weak = tuned.perClass.filter(({ f1, support }) => support > 0 && support <= typical / 3 && f1 < tuned.macro.f1);
  const [first] = weak.toSorted((one, other) => one.f1 - other.f1);
  if (!first) return [];
  const isOne = weak.length === 1;
  const title = isOne ? `${first.label} is rare.` : `${weak.length} weak classes are rare.`;
  const words = [
    `${first.label} has ${plural(first.support, 'text')} here, a class ${formatCount(typical)} on average. More rows of ${isOne ? 'it' : 'them'} help most.`,
  ];
  // Weights trade other classes' errors for its own: they help where its texts go unseen, not where others are taken for it.
  const isUnseen = first.recall < tuned.macro.recall && first.recall <= first.precision;
  if (isUnseen && weighing?.task === 'head' && weighing.classWeights === 'none') {
    words.push(
      `It finds ${formatPercent(first.recall, 0)} of them: class_weights “balanced” makes errors on rare classes count the more.`,
    );
  }
  return [{ title, words: words.join(' '), cell: null }];
}

/** Free answers of the tuned model that are none of the labels. */
function unparsed({ judgedBy, labels, tuned: { confusion, count } }: JudgedResult): HelpNote[] {
  if (judgedBy !== 'writing') return [];
  const none = confusion.map((row, actual) => ({ actual, count: row[labels.length] ?? 0 }));
  const all = none.reduce((sum, each) => sum + each.count, 0);
  if (all / count < mostUnparsed) return [];
  const [worst] = none.toSorted((first, second) => second.count - first.count);
  return [
    {
      title: `${formatPercent(all / count, 0)} of the answers name no label.`,
      words: 'More steps teach the words; the system text can list them too.',
      cell: worst ? { actual: worst.actual, predicted: labels.length } : null,
    },
  ];
}
