import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTokenizer, type TextTokenizer } from '../tokenizer/tokenizer';
import { rowPieces, spansOf } from './rowPieces';
import { tokenPieces } from './tokenPieces';

const tokenizerIn = (folder: string): TextTokenizer => {
  const file = new URL(`../testing/fixtures/${folder}/tokenizer.json`, import.meta.url);
  return createTokenizer({ tokenizerJson: readFileSync(file, 'utf8') });
};
const byteLevel = tokenizerIn('tokenizer');
const sentencePiece = tokenizerIn('tokenizer-spm');
const texts = ['The ferry was late again.', 'Zwölf Köche, 漢字 and 🚊 twice 🚊', '  two spaces\n\nand lines'];

describe('tokens as text', () => {
  it.each(texts)('together write what the tokens write: %s', (text) => {
    for (const tokenizer of [byteLevel, sentencePiece]) {
      const ids = tokenizer.encode(text);
      const pieces = tokenPieces(ids, tokenizer);
      expect(pieces.map((piece) => piece.text).join('')).toBe(tokenizer.spell(ids));
      expect(pieces.map(({ from }) => from)).toEqual([0, ...pieces.slice(0, -1).map(({ to }) => to)]);
      expect(pieces.at(-1)?.to).toBe(ids.length);
    }
  });

  it('keep the space of a word behind another, and know special tokens', () => {
    const ids = sentencePiece.encode('The ferry');
    const [first, ...others] = tokenPieces(ids, sentencePiece);
    expect(first).toMatchObject({ text: '<s>', isSpecial: true });
    expect(others.every(({ isSpecial }) => !isSpecial)).toBe(true);
    const behind = sentencePiece.encodePlain('The');
    const word = sentencePiece.encodePlain('The ferry').slice(behind.length);
    const written = tokenPieces(word, sentencePiece, behind).map(({ text }) => text);
    expect(written.join('')).toBe(' ferry');
  });

  it('stand as one where only several write a character', () => {
    const pieces = tokenPieces(byteLevel.encode('🚊'), byteLevel);
    expect(pieces.map(({ text }) => text).join('')).toBe('🚊');
    expect(pieces.some(({ from, to }) => to - from > 1)).toBe(true);
  });
});

describe('pieces of a row', () => {
  const prompt = 'Message: It broke. Kind: complaint';

  it('are cut where the row’s text begins and ends, and one a token where they carry loss', () => {
    const tokens = tokenPieces(byteLevel.encode(prompt), byteLevel);
    const answer = tokens.findIndex(
      (_, index) =>
        tokens
          .slice(index)
          .map(({ text }) => text)
          .join('')
          .trim() === 'complaint',
    );
    const pieces = rowPieces(tokens, tokens[answer]?.from ?? 0, spansOf(prompt, 'It broke.', 9, 1));
    expect(pieces.slice(0, 3).map(({ text, kind, carriesLoss }) => [text, kind, carriesLoss])).toEqual([
      ['Message: ', 'around', false],
      ['It broke.', 'row', false],
      [' Kind:', 'around', false],
    ]);
    expect(pieces.slice(3).every(({ carriesLoss }) => carriesLoss)).toBe(true);
    expect(pieces.map(({ text }) => text).join('')).toBe(prompt);
  });

  it('find the text where it stands, not where it stood before', () => {
    expect(spansOf('bad. Is “bad” bad?', 'bad', 9, 1)).toEqual([{ from: 9, to: 12 }]);
    expect(spansOf('a b a', 'a', 0, 2)).toEqual([{ from: 0, to: 1 }, { from: 4, to: 5 }]); // prettier-ignore
    expect(spansOf('abc', 'x', 0, 1)).toEqual([]);
    expect(spansOf('abc', '', 0, 1)).toEqual([]);
  });
});
