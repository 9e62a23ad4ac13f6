import type { RunResult, TypedText } from '../../../workers/api/results';

/** The columns of a pair that a run learned from; null where it learned from one. */
export interface PairNames {
  first: string;
  second: string;
  joiner: string;
}

export function pairOf({ preparation: { mapping } }: Pick<RunResult, 'preparation'>): PairNames | null {
  const { text, textPair } = mapping;
  return textPair ? { first: text, second: textPair.column, joiner: textPair.joiner } : null;
}

/** What stands in the fields; the second only where there is a pair. */
export type TextDraft = readonly [first: string, second: string];

export function typedText(draft: TextDraft, pair: PairNames | null): TypedText {
  return pair ? draft : draft[0];
}

/** Of a pair both are needed, as in the data. */
export function isBlank([first, second]: TextDraft, pair: PairNames | null): boolean {
  return first.trim() === '' || (pair !== null && second.trim() === '');
}

/** A text of the data in the fields. */
export function draftOf(text: string, pair: PairNames | null): TextDraft {
  const at = pair ? text.indexOf(pair.joiner) : -1;
  return pair === null || at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + pair.joiner.length)];
}

/** The text as the dataset would have it. */
export function joinedDraft(draft: TextDraft, pair: PairNames | null): string {
  return pair ? draft.join(pair.joiner) : draft[0];
}
