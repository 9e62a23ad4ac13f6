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
