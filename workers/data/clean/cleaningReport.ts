import { textSteps, type CleanedExample, type CleaningReport, type CleaningSettings, type TextStep } from '../../api/cleaning';
import { TimeSlice } from '../../tokenizer/timeSlice';
import type { TextList } from '../dataset';
import type { Examples } from '../mapColumns';
import { joinTexts, textsAt } from '../textColumns';
import { cleanBy, countWords } from './cleaner';
import { changedPieces } from './pieces';
import { SameTexts } from './sameTexts';

/** Of each step, so many texts that it changes are shown. */
const examplesPerStep = 4;
const mostExamples = 12;
/** What “drop short texts” would drop while it is off. */
export const suggestedMinWords = 3;

/** Texts that stand in more than one split, in slices of time. Throws the signal's reason when it is aborted. */
export async function countTextsInTwoSplits(lists: readonly TextList[], signal: AbortSignal): Promise<number> {
  const starts = lists.map((_, list) => lists.slice(0, list).reduce((sum, { length }) => sum + length, 0));
  const listOf = (place: number): number => starts.findLastIndex((start, list) => place >= start && lists[list]!.length > 0);
  const same = new SameTexts((place) => lists[listOf(place)]!.at(place - starts[listOf(place)]!));
  const spanning = new Set<number>();
  const slice = new TimeSlice();
  for (const [list, texts] of lists.entries()) {
    for (let index = 0; index < texts.length; index += 1) {
      const first = same.firstLike(texts.at(index), starts[list]! + index);
      if (first < starts[list]!) spanning.add(first);
      if (!slice.isOver()) continue;
      await slice.giveWay();
      signal.throwIfAborted();
    }
  }
  return spanning.size;
}

/** Looks at every text, in slices of time. Throws the signal's reason when it is aborted. */
export async function reportOnCleaning(
  files: readonly Examples[],
  cleaning: CleaningSettings,
  signal: AbortSignal,
): Promise<Omit<CleaningReport, 'inTwoSplits'>> {
  const counts: CleaningReport['counts'] = {
    html: 0, control: 0, urls: 0, lowercase: 0, whitespace: 0, duplicates: 0, minWords: 0,
  }; // prettier-ignore
  const found = new Map<TextStep, CleanedExample[]>();
  const slice = new TimeSlice();
  const minWords = cleaning.minWords || suggestedMinWords;
  let changed = 0;
  let texts = 0;
  for (const { text, rows, rowNumbers } of files) {
    const cleanAt = (place: number): string => cleanedBy(textsAt(text, rows[place]!), cleaning).cleaned;
    const same = new SameTexts(cleanAt);
    for (const [place, row] of rows.entries()) {
      const before = text.at(row);
      const { cleaned, steps, by } = cleanedBy(textsAt(text, row), cleaning);
      for (const step of steps) counts[step] += 1;
      if (countWords(cleaned, minWords) < minWords) counts.minWords += 1;
      if (same.firstLike(cleaned, place) !== place) counts.duplicates += 1;
      texts += 1;
      if (cleaned !== before) {
        changed += 1;
        keepExample(found, by, () => ({ row: rowNumbers[place]!, pieces: changedPieces(before, cleaned) }));
      }
      if (!slice.isOver()) continue;
      await slice.giveWay();
      signal.throwIfAborted();
    }
  }
  return { counts, changed, texts, examples: chosen(found) };
}

/** The text after the steps that are on; the steps that change (or would change) it, and those of them that are on. */
function cleanedBy(
  { texts, joiner }: ReturnType<typeof textsAt>,
  cleaning: CleaningSettings,
): { cleaned: string; steps: TextStep[]; by: TextStep[] } {
  const steps: TextStep[] = [];
  const by: TextStep[] = [];
  let cleaned = texts;
  for (const step of textSteps) {
    const next = cleaned.map((text) => cleanBy(step, text));
    if (next.every((text, index) => text === cleaned[index])) continue;
    steps.push(step);
    if (!cleaning[step]) continue;
    by.push(step);
    cleaned = next;
  }
  return { cleaned: joinTexts(cleaned, joiner), steps, by };
}

/** Under the step that has the fewest so far, so that each is seen at work. */
function keepExample(found: Map<TextStep, CleanedExample[]>, by: readonly TextStep[], make: () => CleanedExample): void {
  const [poorest] = by.toSorted((a, b) => (found.get(a)?.length ?? 0) - (found.get(b)?.length ?? 0));
  if (poorest === undefined) return;
  const examples = found.get(poorest) ?? [];
  if (examples.length >= examplesPerStep) return;
  examples.push(make());
  found.set(poorest, examples);
}

/** By turns of the steps. */
function chosen(found: Map<TextStep, CleanedExample[]>): CleanedExample[] {
  const lists = textSteps.flatMap((step) => [found.get(step) ?? []]);
  const turns = Array.from({ length: examplesPerStep }, (_, turn) => lists.flatMap((list) => list.slice(turn, turn + 1)));
  return turns.flat().slice(0, mostExamples);
}
