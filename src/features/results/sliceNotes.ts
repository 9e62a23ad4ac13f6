import { formatCount, plural } from '../../ui/format';
import type { Slice, SliceGroup, SlicesReport } from '../../../workers/api/slices';
import { figureWords, intervalOf, sliceWords, type FigureName } from './sliceFigures';

export interface SliceNote {
  /** In bold. */
  title: string;
  words: string;
}

interface Told {
  name: string;
  slice: Slice;
  base: number;
  tuned: number;
  baseInterval: [number, number];
  interval: [number, number];
}

/** Figures with an interval alone can tell chance from more. */
type Sure = Extract<FigureName, 'accuracy' | 'macroF1'>;

/** What is worth a second look, the surest first. */
export function sliceNotes(report: SlicesReport, figure: FigureName): SliceNote[] {
  const name: Sure = figure === 'macroF1' ? 'macroF1' : 'accuracy';
  const told = report.groups.flatMap((group) => group.slices.flatMap((slice) => toldOf(group, slice, name)));
  const enough = told.filter(({ slice }) => !slice.tooFew);
  const notes = [...beside(enough, report.all.tuned[name], name), ...gains(enough), ...tooFew(told)];
  return notes.length > 0
    ? notes
    : [{ title: 'Nothing stands out.', words: 'Every interval meets the tuned model on all texts.' }];
}

function toldOf(group: SliceGroup, slice: Slice, name: Sure): Told[] {
  const { base, tuned } = slice;
  const [baseInterval, interval] = [base && intervalOf(base, name), tuned && intervalOf(tuned, name)];
  if (!base || !tuned || !baseInterval || !interval) return [];
  return [{ name: sliceWords(group, slice), slice, base: base[name], tuned: tuned[name], baseInterval, interval }];
}

const mostBeside = 3;

/** The slices whose interval does not meet the whole, and else the weakest of those that may be chance. */
function beside(told: readonly Told[], all: number, name: Sure): SliceNote[] {
  const words = (value: number) => figureWords(value, name);
  const weaker = told.filter(({ interval }) => interval[1] < all).sort((first, second) => first.tuned - second.tuned);
  const stronger = told.filter(({ interval }) => interval[0] > all).sort((first, second) => second.tuned - first.tuned);
  const notes = [
    ...weaker.slice(0, mostBeside).map(({ name: slice, tuned, interval }) => ({
      title: `${capital(slice)}: weaker.`,
      words: `${words(tuned)} beside ${words(all)} on all texts; its interval ends at ${words(interval[1])}.`,
    })),
    ...stronger.slice(0, 1).map(({ name: slice, tuned, interval }) => ({
      title: `${capital(slice)}: stronger.`,
      words: `${words(tuned)} beside ${words(all)} on all texts; its interval begins at ${words(interval[0])}.`,
    })),
  ];
  if (notes.length > 0) return notes;
  const [weakest] = told.filter(({ tuned }) => tuned < all).sort((first, second) => first.tuned - second.tuned);
  if (!weakest) return [];
  return [
    {
      title: `${capital(weakest.name)} looks weaker.`,
      words: `${words(weakest.tuned)} beside ${words(all)} on all texts. Its interval reaches ${words(weakest.interval[1])}, so it may be chance.`,
    },
  ];
}

function gains(told: readonly Told[]): SliceNote[] {
  if (told.length === 0) return [];
  const lost = told.filter(({ base, tuned }) => tuned < base).map(({ name }) => name);
  if (lost.length > 0) {
    return [{ title: 'Not every slice gained.', words: `The base model is ahead on ${listed(lost)}.` }];
  }
  const sure = told.every(({ baseInterval, interval }) => baseInterval[1] < interval[0]);
  return sure ? [{ title: 'Every slice gained.', words: 'No base interval meets its tuned one.' }] : [];
}

function tooFew(told: readonly Told[]): SliceNote[] {
  const few = told.filter(({ slice }) => slice.tooFew);
  const [only] = few;
  if (!only) return [];
  const [low, high] = only.interval.map((value) => figureWords(value, 'accuracy'));
  if (few.length === 1) {
    const words = `${plural(only.slice.rows, 'text allows', 'texts allow')} anything from ${low} to ${high}. About ${formatCount(4 * only.slice.rows)} would halve that.`;
    return [{ title: `${capital(only.name)}: too few to tell.`, words }];
  }
  return [{ title: `${few.length} slices are too few to tell.`, words: `${capital(listed(few.map(({ name }) => name)))}.` }];
}

const mostListed = 4;

function listed(names: readonly string[]): string {
  const rest = names.length - mostListed;
  return rest > 0 ? `${names.slice(0, mostListed).join('; ')} and ${rest} more` : names.join('; ');
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
