import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLevelEncoder, correctCharacterClasses } from './byteLevel';
import { createTokenizer } from './tokenizer';

const fixture = JSON.parse(readFileSync(new URL('../testing/fixtures/tokenizer/tokenizer.json', import.meta.url), 'utf8'));

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const split = (expression: string) => ({ type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false });
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const llama3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const begin = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<|endoftext|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [],
  special_tokens: {},
};

const variants: [string, object][] = [
  ['SmolLM', { pre_tokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)) }],
  ['Llama 3', { pre_tokenizer: sequence(split(llama3), byteLevel(false)), post_processor: begin }],
  ['Qwen 2', { pre_tokenizer: sequence(split(llama3.replace('{1,3}', '')), byteLevel(false)), normalizer: { type: 'NFC' } }],
];

describe.each(variants)('%s', (_, changes) => {
  const json = { ...fixture, ...changes };
  const library = new Tokenizer(structuredClone(json), {});
  correctCharacterClasses(library);
  const encode = byteLevelEncoder(library)!;

  it('takes the short way to the library’s own ids (property)', () => {
    const part = fc.constantFrom(' ', "'S", "'", "don't", '\n', '\r\n', '  ', '12', '3', '½', '!?', 'e\u0301', '日本', '😀', '<|endoftext|>', '\t'); // prettier-ignore
    const text = fc.oneof(
      fc.array(part, { maxLength: 20 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }).map((characters) => characters.replaceAll(/[\u0085\ufeff]/g, '')),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (sample, adds) => {
        expect(encode(sample, adds)).toEqual(library.encode(sample, { add_special_tokens: adds }).ids);
      }),
      { numRuns: 500 },
    );
  });
});

describe('pre-tokenizers', () => {
  const tokenizerWith = (changes: object) => createTokenizer({ tokenizerJson: JSON.stringify({ ...fixture, ...changes }) });
  const [gpt2, smollm, llama] = [tokenizerWith({}), ...variants.slice(0, 2).map(([, changes]) => tokenizerWith(changes))];

  it('SmolLM: every digit is a piece of its own, and takes no space before it', () => {
    const pieces = ['ab', ' ', '1', '2', '½', ' cd'];
    expect(smollm!.encode('ab 12½ cd')).toEqual(pieces.flatMap((piece) => gpt2!.encode(piece)));
  });

  it('Llama 3: digits by threes, and a token before every text that plain ids go without', () => {
    expect(llama!.encode('pay')).toEqual([0, ...gpt2!.encode('pay')]);
    expect(llama!.encodePlain('12345')).toEqual([...gpt2!.encode('123'), ...gpt2!.encode('45')]);
    expect(llama!.decode(llama!.encode('pay 12345 !\nx'))).toBe('pay 12345 !\nx');
  });
});
