import {
  ByteLevelPreTokenizer,
  DigitsPreTokenizer,
  NFCNormalizer,
  SequencePreTokenizer,
  SplitPreTokenizer,
} from '@huggingface/tokenizers';
import type { PreTokenizer, Tokenizer } from '@huggingface/tokenizers';
import { addedAround, splitAtAdded, type Encoder } from './addedTokens';

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
 * A faster way to the same ids for tokenizers that do no more than cut byte-level pieces; null for others. A cached piece costs one
 * look-up; the library alone takes some ten times as long for a text.
 */
export function byteLevelEncoder(library: Tokenizer): Encoder | null {
  const cut = cutterOf(library);
  const around = addedAround(library);
  if (cut === null || around === null) return null;
  const normalizer = library.normalizer;
  const split = splitAtAdded(library);
  const cache = new Map<string, number[]>();
  const idsOfPiece = (piece: string): number[] => {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const { ids } = library.encode(piece, { add_special_tokens: false });
    if (cache.size >= CACHED_PIECES) cache.clear();
    if (piece.length <= CACHED_CHARACTERS) cache.set(piece, ids);
    return ids;
  };
  return (text, addsSpecial) => {
    // Added tokens are cut out of a text before pieces are.
    const sections = split(text);
    if (sections === null) return library.encode(text, { add_special_tokens: addsSpecial }).ids;
    const ids: number[] = addsSpecial ? [...around.before] : [];
    sections.forEach((section, index) => {
      if (index % 2 === 1) ids.push(library.token_to_id(section)!);
      else if (section !== '') {
        for (const piece of cut(normalizer ? normalizer.normalize(section) : section))
          for (const id of idsOfPiece(piece)) ids.push(id);
      }
    });
    if (addsSpecial) ids.push(...around.after);
    return ids;
  };
}

/** Corrects what the library takes for white space and digits where it differs from the Rust library. */
export function correctCharacterClasses({ pre_tokenizer: preTokenizer }: Tokenizer): void {
  for (const part of partsOf(preTokenizer)) {
    if (part instanceof ByteLevelPreTokenizer) part.pattern = pieces;
    // Rust's `is_numeric` takes all of N, as in “½”, for digits.
    else if (part instanceof DigitsPreTokenizer) {
      part.pattern = part.config.individual_digits ? /\P{N}+|\p{N}/gu : /\P{N}+|\p{N}+/gu;
    }
  }
}

/** Cuts as the library's pre-tokenizers do, without mapping bytes; null where they do anything else than cutting. */
function cutterOf({ normalizer, pre_tokenizer: preTokenizer }: Tokenizer): ((text: string) => string[]) | null {
  if (normalizer !== null && !(normalizer instanceof NFCNormalizer)) return null;
  const parts = [...partsOf(preTokenizer)];
  const last = parts.pop();
  if (!(last instanceof ByteLevelPreTokenizer) || last.add_prefix_space) return null;
  const before = parts.filter((part) => part instanceof DigitsPreTokenizer || part instanceof SplitPreTokenizer);
  if (before.length !== parts.length) return null;
  return (text) => {
    let sections = [text];
    for (const part of before) sections = sections.flatMap((section) => part.pre_tokenize_text(section));
    return last.use_regex ? sections.flatMap((section) => section.match(pieces) ?? []) : sections;
  };
}

function partsOf(preTokenizer: PreTokenizer | null): readonly (PreTokenizer | null)[] {
  return preTokenizer instanceof SequencePreTokenizer ? preTokenizer.tokenizers : [preTokenizer];
}
