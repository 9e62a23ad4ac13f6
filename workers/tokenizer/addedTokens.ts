import type { Tokenizer } from '@huggingface/tokenizers';

/** A text's ids, with or without the tokens that the tokenizer puts around every text. */
export type Encoder = (text: string, addsSpecial: boolean) => number[];

/** The ids that the post-processor puts before and after every text; null where it does something else. */
export function addedAround(library: Tokenizer): { before: readonly number[]; after: readonly number[] } | null {
  const [whole, plain] = [true, false].map((adds) => library.encode('a', { add_special_tokens: adds }).ids);
  if (!whole || !plain) return null;
  const added = whole.length - plain.length;
  for (let begin = 0; begin <= added; begin++) {
    if (!plain.every((id, index) => whole[begin + index] === id)) continue;
    return { before: whole.slice(0, begin), after: whole.slice(begin + plain.length) };
  }
  return null;
}

/**
 * Cuts a text at its added tokens, the longest first where several begin alike: they come at odd places. Null for a text whose tokens take
 * white space with them, or are sought after normalising: there the library alone knows.
 */
export function splitAtAdded(library: Tokenizer): (text: string) => string[] | null {
  const added = [...library.get_added_tokens_decoder().values()].filter(({ content }) => content !== '');
  if (added.length === 0) return (text) => [text];
  const contents = added.map(({ content }) => content).sort((first, second) => second.length - first.length);
  const tokens = new RegExp(`(${contents.map(literally).join('|')})`);
  const isPlain = added.every(
    ({ lstrip, rstrip, normalized }) => !lstrip && !rstrip && !(normalized && library.normalizer !== null),
  );
  return (text) => {
    const sections = text.split(tokens);
    return isPlain || sections.length === 1 ? sections : null;
  };
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
