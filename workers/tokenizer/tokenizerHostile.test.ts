import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { errorOf } from '../testing/errorOf';
import { createTokenizer } from './tokenizer';

const fixture = (folder: string): string =>
  readFileSync(new URL(`../testing/fixtures/${folder}/tokenizer.json`, import.meta.url), 'utf8');
const sound = fixture('tokenizer');

interface Tokenizer {
  [part: string]: unknown;
  added_tokens: object[];
  model: { [setting: string]: unknown; vocab: Record<string, number>; merges: unknown[] };
}

/** The sound tokenizer.json with something changed. */
function changed(change: (json: Tokenizer) => void): string {
  const json: Tokenizer = JSON.parse(sound);
  change(json);
  return JSON.stringify(json);
}

const added = (content: string, id: unknown) => ({ id, content, special: true });
const replace = (pattern: string, content: string) => ({ type: 'Replace', pattern: { String: pattern }, content });
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

const hostile: Record<string, [make: () => string, words: string]> = {
  'a regex that backtracks for ever': [
    () => changed((json) => (json['pre_tokenizer'] = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated' })),
    'expression of 6 characters that no known tokenizer has: (a+)+$',
  ],
  'a regex in a normalizer': [
    () => changed((json) => (json['normalizer'] = { type: 'Replace', pattern: { Regex: '(.*)*x' }, content: '' })),
    'no known tokenizer has: (.*)*x',
  ],
  'a regex in a decoder': [
    () => changed((json) => (json['decoder'] = { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { Regex: '(a|a)*b' } }] })),
    'no known tokenizer has',
  ],
  'an id below zero': [() => changed((json) => (json.model.vocab['a'] = -1)), 'the id -1'],
  'an id beyond any model': [() => changed((json) => (json.model.vocab['a'] = 2 ** 31)), 'the id 2147483648'],
  'an id that is no number': [() => changed((json) => Object.assign(json.model.vocab, { a: '7' })), 'the id 7'],
  'a fraction for an id': [() => changed((json) => (json.model.vocab['a'] = 1.5)), 'the id 1.5'],
  'one id for two tokens': [() => changed((json) => (json.model.vocab['zz'] = json.model.vocab['a']!)), '“a” and “zz” both have the id'],
  'an added token on an id that is taken': [
    () => changed((json) => json.added_tokens.push(added('<x>', json.model.vocab['a']))),
    '“a” and “<x>” both have the id',
  ],
  'an added token beyond any model': [() => changed((json) => json.added_tokens.push(added('<x>', 1e9))), 'the id 1000000000'],
  'a merge of unknown tokens': [
    () => changed((json) => json.model.merges.push(['nowhere', 'else'])),
    'needs the token “nowhere”, which is not in the vocabulary',
  ],
  'a merge to an unknown token': [() => changed((json) => json.model.merges.push('a \u0120')), 'needs the token “a\u0120”'],
  'a merge of three': [() => changed((json) => json.model.merges.push('a b c')), 'is not a pair of tokens'],
  'a merge of nothing': [() => changed((json) => json.model.merges.push(['', ''])), 'is not a pair of tokens'],
  'pieces of no length': [
    () => changed((json) => (json['pre_tokenizer'] = { type: 'FixedLength', length: 0 })),
    'cuts pieces of 0 characters',
  ],
  'a text that doubles': [
    () => changed((json) => (json['normalizer'] = { type: 'Sequence', normalizers: many(40).map(() => replace('q', 'qq')) })),
    'more than 16 times as long',
  ],
  'a text that grows between its characters': [
    () => changed((json) => (json['normalizer'] = replace('', 'x'.repeat(40)))),
    'more than 16 times as long',
  ],
  'a long beginning': [
    () => changed((json) => (json['normalizer'] = { type: 'Prepend', prepend: 'x'.repeat(1e7) })),
    'holds a text of 10000000 characters',
  ],
  'a thousand steps': [
    () => changed((json) => (json['normalizer'] = { type: 'Sequence', normalizers: many(1000).map(() => ({ type: 'NFC' })) })),
    'has more than 256 parts',
  ],
  'a thousand tokens around a text': [
    () => changed((json) => (json['post_processor'] = { type: 'TemplateProcessing', single: many(1000).map(() => ({ SpecialToken: { id: 'a' } })), pair: [], special_tokens: {} })),
    'has more than 256 parts',
  ],
  'a hundred thousand added tokens': [
    () => changed((json) => json.added_tokens.push(...many(100_000).map((index) => added(`<${index}>`, 1000 + index)))),
    'added tokens; at most 20000',
  ],
  'endless added tokens': [
    () => changed((json) => json.added_tokens.push(...many(40).map((index) => added('x'.repeat(50_000 + index), 1000 + index)))),
    'Its added tokens have',
  ],
  'pieces of millions of characters': [
    () => changed((json) => Object.assign(json.model, { type: 'Unigram', unk_id: 0, vocab: many(90).map((index) => [`${'x'.repeat(50_000)}${index}`, 0]) })),
    'Its pieces have',
  ],
  'a million names': [
    () => `{"model":{"vocab":{${'"a":1,'.repeat(1e6)}}}}`,
    'more than 700000 named values',
  ],
  'no vocabulary': [() => changed((json) => (json.model.vocab = {})), 'no vocabulary'],
  'a vocabulary that is a text': [() => changed((json) => Object.assign(json.model, { vocab: 'abc' })), 'no vocabulary'],
  'nested lists': [() => `{"model":${'['.repeat(1e6)}`, 'nested more than 64 levels deep'],
  'a part that is nested': [
    () => changed((json) => (json['normalizer'] = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`))),
    'nested more than 64 levels deep',
  ],
  'another prototype': [() => changed((json) => (json['pre_tokenizer'] = JSON.parse('{"__proto__":{"type":"ByteLevel"}}'))), 'cannot be set up'],
  'not JSON': [() => '{"model":', 'is not JSON'],
  'a list': [() => '[]', 'is not a JSON object'],
}; // prettier-ignore

describe('a hostile tokenizer.json is refused by name within two seconds', () => {
  test.each(Object.entries(hostile))('%s', (_, [make, words]) => {
    const tokenizerJson = make();
    const start = performance.now();
    const error = errorOf(() => createTokenizer({ tokenizerJson }));
    expect(performance.now() - start).toBeLessThan(2000);
    expect([error.code, error.message]).toEqual(['model/bad-tokenizer', expect.stringContaining(words)]);
    expect(error.remedy).toContain('the tokenizer');
    expect(error.message.length).toBeLessThan(400);
  });

  test('a tokenizer_config.json with a list to compare for ever', () => {
    const tokenizerConfig = JSON.stringify({ additional_special_tokens: many(100_000).map(String) });
    const error = errorOf(() => createTokenizer({ tokenizerJson: sound, tokenizerConfig }));
    expect(error.message).toContain('has 100000 additional special tokens');
  });
});

test('tokens with names of an object’s own are tokens like any other', () => {
  const names = ['constructor', '__proto__', 'toString'];
  const json: Tokenizer = JSON.parse(sound);
  const vocab = Object.entries(json.model.vocab);
  const entries = [...vocab, ...names.map((name, index) => [name, 1000 + index] as const)];
  json.model.vocab = Object.fromEntries(entries);
  const tokenizer = createTokenizer({ tokenizerJson: JSON.stringify(json) });
  expect(names.map((name) => tokenizer.idOf(name))).toEqual([1000, 1001, 1002]);
});

test.each(['tokenizer', 'tokenizer-spm'])(
  '%s with changed bytes is a tokenizer, or a TuneletError says why not, soon (property)',
  (folder) => {
    const bytes = new TextEncoder().encode(fixture(folder));
    const telling = ['"type"', '"id"', '"merges"', '"vocab"', '"Regex"', 'normalizer', 'processor', 'decoder', 'special'].flatMap((word) => {
    const found: number[] = [];
    for (let at = Buffer.from(bytes).indexOf(word); at >= 0 && found.length < 40; at = Buffer.from(bytes).indexOf(word, at + 1)) found.push(at);
    return found;
  }); // prettier-ignore
    const at = fc.oneof(
      fc.tuple(fc.constantFrom(...telling), fc.nat(40)).map(([start, further]) => Math.min(start + further, bytes.length - 1)),
      fc.nat(bytes.length - 1),
    );
    const byte = fc.oneof(fc.constantFrom(...new TextEncoder().encode('0123456789{}[]",:-e.\\ax')), fc.nat(255));
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.record({ at, byte }), { minLength: 1, maxLength: 4 }), (changes) => {
        const file = bytes.slice();
        for (const change of changes) file[change.at] = change.byte;
        const start = performance.now();
        try {
          const tokenizer = createTokenizer({ tokenizerJson: new TextDecoder().decode(file) });
          expect(tokenizer.encode('A text, of “words” 12 <x>.').every(Number.isInteger)).toBe(true);
        } catch (error) {
          if (!(error instanceof TuneletError)) throw error;
          refused++;
        }
        expect(performance.now() - start).toBeLessThan(2000);
      }),
      { numRuns: 250 },
    );
    expect(refused).toBeGreaterThan(20);
  },
  60_000,
);
