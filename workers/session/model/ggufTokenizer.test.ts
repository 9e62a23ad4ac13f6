import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseGgufHeader } from '../../files/gguf';
import type { WrittenValue } from '../../files/ggufWriter';
import { writeGguf } from '../../testing/writeGguf';
import { createTokenizer } from '../../tokenizer/tokenizer';
import { GgufMetadata } from '../../weights/ggufMetadata';
import { ggufTokenizer } from '../../weights/ggufTokenizer';

interface Case {
  text: string;
  ids: number[];
  ids_no_special?: number[];
  decoded?: string;
}

const fixture = (folder: string) => {
  const read = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../testing/fixtures/${folder}/${name}`, import.meta.url), 'utf8'));
  const { model } = read('tokenizer.json') as { model: { vocab: Record<string, number>; merges: (string | [string, string])[] } };
  const tokens = Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token);
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return { tokens, merges, cases: (read('cases.json') as { cases: Case[] }).cases };
};

function filesOf(metadata: Record<string, WrittenValue>) {
  const file = writeGguf(metadata);
  return ggufTokenizer(new GgufMetadata(parseGgufHeader(file, file.length)!.metadata, 'tiny.gguf'));
}

const tokenizerOf = ({ tokenizerJson, tokenizerConfigJson }: ReturnType<typeof ggufTokenizer>) =>
  createTokenizer({ tokenizerJson, tokenizerConfig: tokenizerConfigJson });

const byteLevel = fixture('tokenizer');
const scored = fixture('tokenizer-spm');

const gpt2 = (changes: Record<string, WrittenValue> = {}): Record<string, WrittenValue> => ({
  'tokenizer.ggml.model': { text: 'gpt2' },
  'tokenizer.ggml.pre': { text: 'gpt-2' },
  'tokenizer.ggml.tokens': { texts: byteLevel.tokens },
  'tokenizer.ggml.token_type': { ints: byteLevel.tokens.map((token) => (token === '<|endoftext|>' ? 3 : 1)) },
  'tokenizer.ggml.merges': { texts: byteLevel.merges },
  'tokenizer.ggml.bos_token_id': { uint32: 0 },
  'tokenizer.ggml.eos_token_id': { uint32: 0 },
  ...changes,
});

const kindOf = (token: string) => (/^<0x..>$/.test(token) ? 6 : token === '<unk>' ? 2 : /^<\/?s>$/.test(token) ? 3 : 1);
const llama = (changes: Record<string, WrittenValue> = {}): Record<string, WrittenValue> => ({
  'tokenizer.ggml.model': { text: 'llama' },
  'tokenizer.ggml.tokens': { texts: scored.tokens },
  'tokenizer.ggml.token_type': { ints: scored.tokens.map(kindOf) },
  // As SentencePiece scores the pieces of BPE: by the order in which they were found.
  'tokenizer.ggml.scores': { floats: scored.tokens.map((_, id) => -id) },
  'tokenizer.ggml.bos_token_id': { uint32: 1 },
  'tokenizer.ggml.eos_token_id': { uint32: 2 },
  'tokenizer.ggml.unknown_token_id': { uint32: 0 },
  ...changes,
});

describe('a tokenizer of GGUF metadata', () => {
  test('byte-level: the ids of the tokenizer.json that it was made of', () => {
    const tokenizer = tokenizerOf(filesOf(gpt2()));
    expect(byteLevel.cases).toHaveLength(223);
    for (const { text, ids, decoded = text } of byteLevel.cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
    expect([tokenizer.vocabularySize, tokenizer.endOfTextId]).toEqual([1000, 0]);
    expect(tokenizer.encode('a<|endoftext|>')).toEqual([65, 0]);
  });

  test('SentencePiece: the ids of the tokenizer.json that it was made of, merges found again by scores', () => {
    const tokenizer = tokenizerOf(filesOf(llama()));
    expect(scored.cases).toHaveLength(223);
    for (const { text, ids, ids_no_special: plain = ids, decoded = text } of scored.cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.encodePlain(text)).toEqual(plain);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
    expect(tokenizer.encode('</s>')).toEqual([1, 2]);
  });

  test('tokens around a text, template and roles are as the metadata say', () => {
    const template = "{{ bos_token }}{{ messages[0]['content'] }}";
    const files = filesOf(
      llama({
        'tokenizer.ggml.add_bos_token': { flag: false },
        'tokenizer.ggml.add_eos_token': { flag: true },
        'tokenizer.chat_template': { text: template },
        'tokenizer.ggml.padding_token_id': { uint32: 0 },
      }),
    );
    const tokenizer = tokenizerOf(files);
    expect(tokenizer.encode('a').at(-1)).toBe(2);
    expect(tokenizer.encode('a')[0]).not.toBe(1);
    expect([tokenizer.chatTemplate, tokenizer.specialTexts, tokenizer.endOfTextId]).toEqual([
      template,
      { beginOfText: '<s>', endOfText: '</s>' },
      2,
    ]);
    expect(JSON.parse(files.tokenizerConfigJson)).toMatchObject({
      pad_token: '<unk>',
      unk_token: '<unk>',
      clean_up_tokenization_spaces: false,
    });
  });

  test('Llama 3’s cut begins a text with bos and takes a piece that is a token for one', () => {
    const tokenizer = tokenizerOf(filesOf(gpt2({ 'tokenizer.ggml.pre': { text: 'llama-bpe' } })));
    expect(tokenizer.encode('12345').slice(0, 1)).toEqual([0]);
    expect(JSON.parse(filesOf(gpt2({ 'tokenizer.ggml.pre': { text: 'llama-bpe' } })).tokenizerJson)).toMatchObject({
      model: { ignore_merges: true },
    });
  });

  test('a token that a user added is cut out of a text, and is text when decoded', () => {
    const tokens = [...byteLevel.tokens, '[NAME]'];
    const changes = {
      'tokenizer.ggml.tokens': { texts: tokens },
      'tokenizer.ggml.token_type': { ints: tokens.map((token) => (token === '[NAME]' ? 4 : 1)) },
    };
    const tokenizer = tokenizerOf(filesOf(gpt2(changes)));
    expect(tokenizer.encode('[NAME]')).toEqual([1000]);
    expect(tokenizer.decode([1000])).toBe('[NAME]');
  });
});

test.each<[string, Record<string, WrittenValue>, string]>([
  ['kinds of other tokens', gpt2({ 'tokenizer.ggml.token_type': { ints: [1] } }), '1000 tokens, but kinds of 1'],
  ['scores of other tokens', llama({ 'tokenizer.ggml.scores': { floats: [0] } }), '958 tokens, but 1 scores'],
  ['a merge of three', gpt2({ 'tokenizer.ggml.merges': { texts: ['a b c'] } }), '“a b c” is not a pair'],
  ['no tokens', { 'tokenizer.ggml.model': { text: 'llama' } }, 'lack “tokenizer.ggml.tokens”'],
])('refused: %s', (_, metadata, message) => {
  expect(() => filesOf(metadata)).toThrow(
    expect.objectContaining({ code: 'model/bad-gguf', message: expect.stringContaining(message) }),
  );
});
