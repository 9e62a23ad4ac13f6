import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from './tokenizer';

interface Case {
  text: string;
  ids: number[];
  ids_no_special?: number[];
  decoded?: string;
}

const fixture = (name: string): string =>
  readFileSync(new URL(`../testing/fixtures/tokenizer-spm/${name}`, import.meta.url), 'utf8');
const tokenizerJson = fixture('tokenizer.json');
const { cases }: { cases: Case[] } = JSON.parse(fixture('cases.json'));
const tokenizer = createTokenizer({ tokenizerJson });

/** Ids of the byte tokens. */
const bytes = (...values: number[]): number[] => values.map((value) => value + 3);

describe('SentencePiece-style BPE with byte fallback', () => {
  it('gives the ids and texts of the fixture', () => {
    expect(cases).toHaveLength(223);
    for (const { text, ids, ids_no_special: plain = ids, decoded = text } of cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.encodePlain(text), JSON.stringify(text)).toEqual(plain);
      expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(decoded);
    }
    expect(tokenizer.vocabularySize).toBe(958);
  });

  it('takes special tokens inside a text for themselves; each section after one begins with its own mark of a space', () => {
    const [a, b] = [tokenizer.encodePlain('hello'), tokenizer.encodePlain('world')];
    expect(tokenizer.encode('hello</s>world')).toEqual([1, ...a, 2, ...b]);
    expect(tokenizer.encodePlain('<s>hello')).toEqual([1, ...a]);
    expect(tokenizer.decode([1, ...a, 2])).toBe('hello');
    expect(tokenizer.encodePlain('</ s>')).not.toContain(2);
  });

  it('turns bytes into text as the Rust library does', () => {
    expect(tokenizer.decode(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
    expect(tokenizer.decode(bytes(0xe2, 0x82))).toBe('\ufffd\ufffd');
    expect(tokenizer.decode([...bytes(0xff, 0x61), ...tokenizer.encodePlain('b')])).toBe('\ufffd\ufffd b');
  });
});
