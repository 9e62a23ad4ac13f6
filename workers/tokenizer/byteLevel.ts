import { ByteLevelPreTokenizer, SequencePreTokenizer } from '@huggingface/tokenizers';
import type { Tokenizer } from '@huggingface/tokenizers';

/** White space as the Rust library's expressions see it: with U+0085, without U+FEFF. */
const SPACE = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** GPT-2's expression (its published encoder) with that white space. */
const pieces = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|[${SPACE}]+(?![^${SPACE}])|[${SPACE}]+`,
  'gu',
);

const CACHED_PIECES = 1 << 16;
const CACHED_CHARACTERS = 64;

/**
 * A faster way to the same ids for tokenizers that do no more than cut byte-level pieces; null for others. Corrects the library's
 * white space either way. A cached piece costs one look-up; the library alone takes some ten times as long for a text.
 */
export function byteLevelEncoder(library: Tokenizer): ((text: string) => number[]) | null {
  correctWhiteSpace(library);
  const { pre_tokenizer: preTokenizer } = library;
  if (library.normalizer !== null || !(preTokenizer instanceof ByteLevelPreTokenizer)) return null;
  if (preTokenizer.add_prefix_space || !preTokenizer.use_regex || addsTokens(library)) return null;
  const addedTokens = [...library.get_added_tokens_decoder().values()].map((token) => token.content);
  const cache = new Map<string, number[]>();
  const idsOfPiece = (piece: string): number[] => {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const ids = library.encode(piece).ids;
    if (cache.size >= CACHED_PIECES) cache.clear();
    if (piece.length <= CACHED_CHARACTERS) cache.set(piece, ids);
    return ids;
  };
  return (text) => {
    // An added token is cut out of the text before pieces are; that is the library's work.
    if (addedTokens.some((token) => text.includes(token))) return library.encode(text).ids;
    const ids: number[] = [];
    for (const piece of text.match(pieces) ?? []) for (const id of idsOfPiece(piece)) ids.push(id);
    return ids;
  };
}

function correctWhiteSpace({ pre_tokenizer: preTokenizer }: Tokenizer): void {
  const parts = preTokenizer instanceof SequencePreTokenizer ? preTokenizer.tokenizers : [preTokenizer];
  for (const part of parts) if (part instanceof ByteLevelPreTokenizer) part.pattern = pieces;
}

function addsTokens(library: Tokenizer): boolean {
  return library.encode('a').ids.length !== library.encode('a', { add_special_tokens: false }).ids.length;
}
