import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idsOf } from './encodeAll';
import { createTokenizer } from './tokenizer';
import { fromVocabulary } from './tokenizerFiles';

interface Case {
  text: string;
  ids: number[];
  decoded?: string;
}

const fixture = (name: string): string => readFileSync(new URL(`../testing/fixtures/tokenizer/${name}`, import.meta.url), 'utf8');
const tokenizerJson = fixture('tokenizer.json');
const { cases }: { cases: Case[] } = JSON.parse(fixture('cases.json'));
const tokenizer = createTokenizer({ tokenizerJson });

/** GPT-2's 256 byte characters in the order of its vocabulary: the printable ones first. */
const byteCharacters = ((): string[] => {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const others = range(0, 255).filter((byte) => !printable.includes(byte));
  return [...printable, ...others.map((_, index) => 256 + index)].map((code) => String.fromCharCode(code));
})();

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function vocabularyFiles(merges: string[]): { vocabJson: string; mergesTxt: string } {
  const tokens = [...byteCharacters, ...merges.map((merge) => merge.replace(' ', '')), '<|endoftext|>'];
  return {
    vocabJson: JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))),
    mergesTxt: `#version: 0.2\n${merges.join('\n')}\n`,
  };
}

describe('createTokenizer', () => {
  it('gives the ids and texts of the fixture', () => {
    expect(cases).toHaveLength(223);
    for (const { text, ids, decoded } of cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(decoded ?? text);
    }
    expect(tokenizer.vocabularySize).toBe(1000);
    expect(tokenizer.endOfTextId).toBe(0);
  });

  it('gives the same from vocab.json and merges.txt', () => {
    const { model }: { model: { vocab: object; merges: (string | string[])[] } } = JSON.parse(tokenizerJson);
    const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
    const fromFiles = createTokenizer({
      vocabJson: JSON.stringify(model.vocab),
      mergesTxt: `#version: 0.2\n${merges.join('\n')}\n`,
    });
    for (const { text, ids } of cases) expect(fromFiles.encode(text)).toEqual(ids);
    expect(fromFiles.endOfTextId).toBe(0);
    expect(fromFiles.encode('a<|endoftext|>')).toEqual([65, 0]);
  });

  it('takes for white space what the Rust library does', () => {
    const { merges, cases: borders }: { merges: string[]; cases: Case[] } = JSON.parse(fixture('whitespace.json'));
    const strict = createTokenizer(vocabularyFiles(merges));
    expect(borders.length).toBeGreaterThan(10);
    for (const { text, ids } of borders) expect(strict.encode(text), JSON.stringify(text)).toEqual(ids);
  });

  it('takes the short way to the library’s own ids (property)', () => {
    const library = new Tokenizer(JSON.parse(tokenizerJson), {});
    const parts = fc.constantFrom(
      ' ',
      "'s",
      "'",
      'don',
      '\n',
      '  ',
      '12',
      '!?',
      'é',
      '日本',
      '😀',
      '<|endoftext|>',
      '\t',
      '\u00a0',
    );
    // Without U+0085 and U+FEFF, where the library alone is wrong.
    const text = fc.oneof(
      fc.array(parts, { maxLength: 20 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }).map((characters) => characters.replaceAll(/[\u0085\ufeff]/g, '')),
    );
    fc.assert(
      fc.property(text, (sample) => {
        expect(tokenizer.encode(sample)).toEqual(library.encode(sample).ids);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads eos_token from the config, as a name or an object', () => {
    const withEos = (eosToken: unknown): number | null =>
      createTokenizer({ tokenizerJson, tokenizerConfig: JSON.stringify({ eos_token: eosToken }) }).endOfTextId;
    expect(withEos('a')).toBe(65);
    expect(withEos({ content: 'A' })).toBe(33);
    expect(withEos('nothing like it')).toBeNull();
  });

  it('follows a post-processor that adds a token', () => {
    const json = {
      ...JSON.parse(tokenizerJson),
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<|endoftext|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [],
        special_tokens: {},
      },
    };
    expect(createTokenizer({ tokenizerJson: JSON.stringify(json) }).encode('a b')).toEqual([0, 65, 275]);
  });

  it.each([
    ['no JSON', '{', 'is not JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['no model', '{}', 'has no “model”'],
    ['no vocabulary', '{"model":{"type":"BPE","vocab":{},"merges":[]}}', 'no vocabulary'],
    ['an id out of bounds', '{"model":{"type":"BPE","vocab":{"a":4000000000},"merges":[]}}', 'has the id 4000000000'],
    ['a broken merge', '{"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}}', 'Merge 1 is not a pair'],
    ['an unknown kind', '{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Magic"}}', 'Magic'],
    [
      'an endless expression',
      JSON.stringify({
        model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
        normalizer: { type: 'Replace', pattern: { Regex: '(a+)+'.repeat(300) } },
      }),
      'an expression of 1500 characters that no known tokenizer has: (a+)+',
    ],
    [
      'an expression that is no text',
      JSON.stringify({
        model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
        pre_tokenizer: { type: 'Split', pattern: { Regex: ['(a+)+$'] }, behavior: 'Isolated' },
      }),
      'no known tokenizer has: ["(a+)+$"]',
    ],
    [
      'deep nesting',
      `{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"decoder":{"a":${'['.repeat(99)}${']'.repeat(99)}}}`,
      'nested',
    ],
  ])('refuses %s', (_, json, message) => {
    expect(() => createTokenizer({ tokenizerJson: json })).toThrow(
      expect.objectContaining({ code: 'model/bad-tokenizer', message: expect.stringContaining(message) }),
    );
  });

  it('bounds sizes before it parses', () => {
    const vocab = Object.fromEntries(Array.from({ length: 500_001 }, (_, id) => [`t${id}`, id]));
    expect(() => fromVocabulary({ vocabJson: JSON.stringify(vocab), mergesTxt: '' })).toThrow('500001 entries');
    expect(() => createTokenizer({ tokenizerJson: ' '.repeat(64 * 2 ** 20 + 1) })).toThrow('67,108,865 characters');
  });
});

describe('encodeAll', () => {
  const texts = Array.from({ length: 3000 }, (_, index) => cases[index % cases.length]!.text);

  it('cuts at the right, counts what it cut and keeps the full lengths', async () => {
    const encoded = await tokenizer.encodeAll(texts, { maxLength: 5 });
    let cut = 0;
    texts.forEach((text, index) => {
      const ids = tokenizer.encode(text);
      expect(encoded.lengths[index]).toBe(ids.length);
      expect([...idsOf(encoded, index)]).toEqual(ids.slice(0, 5));
      expect([...idsOf(encoded, index, 2)]).toEqual(ids.slice(0, 2));
      if (ids.length > 5) cut += 1;
    });
    expect(encoded.truncated).toBe(cut);
    expect(cut).toBeGreaterThan(0);
    expect(encoded.ids).toHaveLength(encoded.offsets.at(-1)!);
  });

  it('lets other events through and stops when told', async () => {
    const many = Array.from({ length: 60_000 }, (_, index) => `word${index} and another${index * 7}`);
    const controller = new AbortController();
    let progress = 0;
    const running = tokenizer.encodeAll(many, {
      maxLength: 8,
      signal: controller.signal,
      onProgress: ({ texts: done }) => (progress = done),
    });
    // This timer can only fire while encoding is under way if encoding yields.
    setTimeout(() => controller.abort(new Error('enough')), 0);
    await expect(running).rejects.toThrow('enough');
    expect(progress).toBeGreaterThan(0);
    expect(progress).toBeLessThan(many.length);
  });
});
