import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseGgufHeader } from '../../../files/gguf';
import { ggufHeader } from '../../../files/ggufWriter';
import { createTokenizer } from '../../../tokenizer/tokenizer';
import { GgufMetadata } from '../../../weights/ggufMetadata';
import { ggufTokenizer } from '../../../weights/ggufTokenizer';
import { tokenizerMetadata } from './tokenizerMetadata';

interface Fixture {
  json: Record<string, unknown> & { model: { vocab: Record<string, number> } };
  cases: { text: string; ids: number[] }[];
}

function fixture(folder: string): Fixture {
  const read = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../../testing/fixtures/${folder}/${name}`, import.meta.url), 'utf8'));
  return { json: read('tokenizer.json'), cases: read('cases.json').cases };
}

/** What a file of this tokenizer says, read back. */
async function read({ json }: Pick<Fixture, 'json'>, config: object = {}, spareRows = 0): Promise<GgufMetadata> {
  const [tokenizerJson, tokenizerConfigJson] = [JSON.stringify(json), JSON.stringify(config)];
  const tokenizer = createTokenizer({ tokenizerJson, tokenizerConfig: tokenizerConfigJson });
  const written = await tokenizerMetadata({
    tokenizer,
    base: { vocabularySize: tokenizer.vocabularySize + spareRows, padTokenId: null, eosTokenId: 2 },
    files: { tokenizer: { tokenizerJson, tokenizerConfigJson }, ggufMetadata: async () => null },
  });
  const header = ggufHeader(written, []);
  return new GgufMetadata(parseGgufHeader(header, header.length)!.metadata, 'written.gguf');
}

const byteLevel = fixture('tokenizer');
const scored = fixture('tokenizer-spm');

describe('a tokenizer.json as metadata, and back', () => {
  it.each([
    ['byte-level', byteLevel, { eos_token: '<|endoftext|>' }],
    ['SentencePiece', scored, { bos_token: '<s>', eos_token: '</s>', pad_token: '</s>' }],
  ])('%s: the same ids for every text', async (_, own, config) => {
    const metadata = await read(own, config, 3);
    const { tokenizerJson, tokenizerConfigJson } = ggufTokenizer(metadata);
    const back = createTokenizer({ tokenizerJson, tokenizerConfig: tokenizerConfigJson });
    expect(own.cases.length).toBeGreaterThan(200);
    for (const { text, ids } of own.cases) expect(back.encode(text), JSON.stringify(text)).toEqual(ids);
    // Rows of the embedding that no token has.
    const size = Object.keys(own.json.model.vocab).length;
    expect(metadata.texts('tokenizer.ggml.tokens')).toHaveLength(size + 3);
    expect(metadata.numbers('tokenizer.ggml.token_type')?.slice(-3)).toEqual([5, 5, 5]);
  });

  it('says what stands around a text, and what the special tokens are', async () => {
    const plain = await read(byteLevel, { eos_token: '<|endoftext|>' });
    expect([plain.text('tokenizer.ggml.model'), plain.text('tokenizer.ggml.pre')]).toEqual(['gpt2', 'gpt-2']);
    expect([plain.flag('tokenizer.ggml.add_bos_token'), plain.flag('tokenizer.ggml.add_eos_token')]).toEqual([false, false]);
    const llama = await read(scored, { bos_token: '<s>', eos_token: '</s>', pad_token: '</s>', chat_template: 'x' });
    expect(llama.text('tokenizer.ggml.model')).toBe('llama');
    expect(['bos', 'eos', 'unknown', 'padding'].map((role) => llama.number(`tokenizer.ggml.${role}_token_id`))).toEqual([
      1, 2, 0, 2,
    ]);
    expect(llama.flag('tokenizer.ggml.add_bos_token')).toBe(true);
    expect(llama.flag('tokenizer.ggml.add_space_prefix')).toBe(true);
    expect(llama.text('tokenizer.chat_template')).toBe('x');
    expect(llama.numbers('tokenizer.ggml.token_type')?.slice(0, 4)).toEqual([2, 3, 3, 6]);
  });

  it.each([
    ['an unknown cut', { pre_tokenizer: { type: 'Whitespace' } }, 'cuts texts in a way'],
    ['another normalizer', { normalizer: { type: 'Lowercase' } }, 'changes texts first ("Lowercase")'],
  ])('refuses %s by name', async (_, changes, message) => {
    await expect(read({ json: { ...byteLevel.json, ...changes } })).rejects.toMatchObject({
      code: 'export/unsupported',
      message: expect.stringContaining(message),
    });
  });
});
