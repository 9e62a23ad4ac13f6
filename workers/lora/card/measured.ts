import type { ClassResult, TextResult } from '../../api/results';
import type { Slice, SliceGroup, SlicesReport } from '../../api/slices';
import { confusions, nameOf } from './confusions';
import { code, figure, inline } from './markdown';

/** Perplexity and loss of both models. */
export function textFigures({ split, tokens, base, tuned }: TextResult): string {
  return [
    `On ${tokens.toLocaleString('en')} tokens of the ${split} split, every one but the first of each block predicted:`,
    '',
    '| | base | tuned |',
    '|---|---:|---:|',
    `| Perplexity | ${figure(base.perplexity)} | ${figure(tuned.perplexity)} |`,
    `| Loss (nats) | ${figure(base.loss)} | ${figure(tuned.loss)} |`,
  ].join('\n');
}

/** Both models' figures with the intervals of those that decide. */
export function classFigures({ task, base, tuned }: ClassResult): string {
  const rows: [string, number, number, [number, number] | null][] = [
    ['Accuracy', base.accuracy, tuned.accuracy, tuned.intervals.accuracy],
    ['Macro-F1', base.macro.f1, tuned.macro.f1, tuned.intervals.macroF1],
    ['Weighted F1', base.weighted.f1, tuned.weighted.f1, null],
    ['Loss (nats)', base.loss, tuned.loss, null],
  ];
  return [
    `On ${tuned.count.toLocaleString('en')} texts of the ${tuned.split} split:`,
    '',
    `| | ${task === 'head' ? 'base, untrained head' : 'base'} | tuned | tuned, 95 % interval |`,
    '|---|---:|---:|---|',
    ...rows.map(
      ([name, before, after, interval]) =>
        `| ${name} | ${figure(before)} | ${figure(after)} | ${interval ? range(interval) : ''} |`,
    ),
  ].join('\n');
}

function range([low, high]: readonly [number, number]): string {
  return `${figure(low)} to ${figure(high)}`;
}

/** Classes told one by one; of more than these, the weakest. */
const mostClasses = 24;

/** Precision, recall and F1 of each class, the weakest first where there are many. */
export function perClass({ tuned }: ClassResult): string {
  const many = tuned.perClass.length > mostClasses;
  const shown = many ? tuned.perClass.toSorted((a, b) => a.f1 - b.f1).slice(0, mostClasses) : tuned.perClass;
  return [
    many ? `The tuned model’s ${mostClasses} weakest of ${tuned.perClass.length} classes:` : 'The tuned model, class by class:',
    '',
    '| Class | Texts | Precision | Recall | F1 |',
    '|---|---:|---:|---:|---:|',
    ...shown.map(
      ({ label, support, precision, recall, f1 }) =>
        `| ${code(label)} | ${support} | ${figure(precision)} | ${figure(recall)} | ${figure(f1)} |`,
    ),
  ].join('\n');
}

/** Rows of the card's list of confusions. */
const mostConfusions = 8;

/** Which classes the tuned model takes for which, the most frequent first; null where it errs nowhere. */
export function worstConfusions({ tuned, labels }: ClassResult): string | null {
  const mistakes = confusions(tuned.confusion);
  if (mistakes.length === 0) return null;
  const worst = mistakes.toSorted((a, b) => b.count - a.count).slice(0, mostConfusions);
  return [
    '| True class | Read as | Texts | Share of the class |',
    '|---|---|---:|---:|',
    ...worst.map(
      ({ actual, predicted, count, share }) =>
        `| ${nameOf(labels, actual)} | ${nameOf(labels, predicted)} | ${count} | ${figure(share)} |`,
    ),
  ].join('\n');
}

/** Rows of the card's table of slices; the figures' file has all. */
const mostSlices = 24;

/** Both models on parts of the texts. */
export function slicesTable({ groups, split }: SlicesReport): string {
  const rows = groups.flatMap((group) => group.slices.map((slice) => sliceRow(group, slice))).filter((row) => row !== '');
  const left = rows.length - mostSlices;
  return [
    `Parts of the ${split} split, with 95 % intervals of the tuned accuracy. Figures of a few texts say little, so they are marked.`,
    '',
    '| Slice | Texts | Accuracy, base | Accuracy, tuned | Interval | Macro-F1, base | Macro-F1, tuned |',
    '|---|---:|---:|---:|---|---:|---:|',
    ...rows.slice(0, mostSlices),
    ...(left > 0 ? ['', `${left} more ${left === 1 ? 'slice is' : 'slices are'} left out here.`] : []),
  ].join('\n');
}

function sliceRow({ kind, by }: SliceGroup, { value, range: words, rows, tooFew, base, tuned }: Slice): string {
  if (base === null || tuned === null) return '';
  const name =
    kind === 'length' ? inline(`${value}, ${words ?? ''}`) : kind === 'rule' ? inline(value) : `${code(by)} ${code(value)}`;
  const interval = `${range(tuned.intervals.accuracy)}${tooFew ? ', too few to tell' : ''}`;
  const figures = [base.accuracy, tuned.accuracy].map(figure).join(' | ');
  return `| ${name} | ${rows} | ${figures} | ${interval} | ${figure(base.macroF1)} | ${figure(tuned.macroF1)} |`;
}
