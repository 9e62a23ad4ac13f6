import type { TextTokenizer } from '../tokenizer/tokenizer';

/** What one token writes, or several that only together write a character. */
export interface TokenPiece {
  text: string;
  isSpecial: boolean;
  /** Index of its first token, and of the one after its last. */
  from: number;
  to: number;
}

/** More tokens than any one character takes. */
const mostTokensOfCharacter = 8;
const unwritten = '\uFFFD';

type Speller = Pick<TextTokenizer, 'spell' | 'decode'>;

/**
 * Tokens as text, each as it stands behind the tokens before it: a tokenizer may leave out the space of a text's first word.
 * @param behind tokens that stand before the first of `ids`
 */
export function tokenPieces(ids: ArrayLike<number>, tokenizer: Speller, behind: ArrayLike<number> = []): TokenPiece[] {
  const pieces: TokenPiece[] = [];
  let before = Array.from(behind).slice(-1);
  let group: number[] = [];
  for (let at = 0; at < ids.length; at++) {
    group.push(ids[at]!);
    const text = tokenizer.spell([...before, ...group]).slice(tokenizer.spell(before).length);
    const isWhole = !text.endsWith(unwritten) || group.length >= mostTokensOfCharacter || at === ids.length - 1;
    if (!isWhole) continue;
    pieces.push({ text, isSpecial: text !== '' && tokenizer.decode(group) === '', from: at + 1 - group.length, to: at + 1 });
    before = group;
    group = [];
  }
  return pieces;
}
