import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromFloat16Array } from '../api/float16';
import { dequantiserOf } from '../files/dequantise';
import { openAccess } from '../hub/access';
import { HubLibrary } from '../hub/hubLibrary';
import { readSafetensors } from '../files/safetensorsData';
import { unpackBlocks } from '../testing/blocks';
import { errorOf } from '../testing/errorOf';
import { startHubServer } from '../testing/hubServer';
import type { WrittenValue } from '../files/ggufWriter';
import { writeGguf, type WrittenTensor } from '../testing/writeGguf';
import { openModel, type ModelFiles } from './openModel';
import { llama3Divisors } from './ropeFactors';
import { chunkBytes } from './streamTensors';

const fixture = (path: string) => new Uint8Array(readFileSync(new URL(`../testing/fixtures/reference/${path}`, import.meta.url)));
const tiny = (kind: string) => fixture(`quant/llama-tiny-lm.${kind}.gguf`);
const original = readSafetensors(fixture('llama-tiny-lm/model.safetensors')).tensors;
const open = (...files: File[]) => openModel({ kind: 'files', files }, { embeddedBase: 'http://unused/' });
const fileOf = (bytes: Uint8Array, name = 'tiny.gguf') => new File([new Uint8Array(bytes)], name);

/** Every tensor as float32. */
async function load(model: ModelFiles): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  await model.streamTensors(
    (name) => name,
    ({ name, rowOffset, rows, rowLength, values }) => {
      const floats =
        values instanceof Uint16Array ? fromFloat16Array(values) : ArrayBuffer.isView(values) ? values : unpackBlocks(values);
      expect(floats.length).toBe(rows * rowLength);
      const { shape } = model.tensors.find((tensor) => tensor.name === name)!;
      const whole = tensors.get(name) ?? new Float32Array(shape.reduce((product, size) => product * size, 1));
      whole.set(floats, rowOffset * rowLength);
      tensors.set(name, whole);
    },
  );
  return tensors;
}

describe('llama-tiny-lm as a GGUF file, dropped alone', () => {
  test.each(['F32', 'F16', 'Q8_0', 'Q4_0'])(
    '%s: its config.json, its tensors by transformers’ names, its numbers',
    async (kind) => {
      const model = await open(fileOf(tiny(kind)));
      const written: Record<string, unknown> = JSON.parse(new TextDecoder().decode(fixture('llama-tiny-lm/config.json')));
      const ofFile: Record<string, unknown> = { ...(model.config as Record<string, unknown>) };
      for (const [key, value] of Object.entries(ofFile)) expect(written[key], key).toEqual(value);
      expect(Object.keys(ofFile)).toEqual(
        expect.arrayContaining(['rope_parameters', 'num_key_value_heads', 'tie_word_embeddings', 'head_dim']),
      );
      expect([model.name, model.format, model.revision]).toEqual(['tiny', 'gguf', null]);
      expect(model.tensors.map(({ name }) => name).sort()).toEqual([...original.keys()].sort());
      const tensors = await load(model);
      for (const [name, { shape, values }] of original) {
        expect(model.tensors.find((tensor) => tensor.name === name)?.shape).toEqual(shape);
        if (kind === 'F32' || shape.length === 1) expect([...tensors.get(name)!], name).toEqual([...values]);
        else expectNear(tensors.get(name)!, values, { F16: 5e-4, Q8_0: 5e-3, Q4_0: 1 / 8 }[kind]!);
      }
    },
  );

  test.each(['F16', 'Q8_0', 'Q4_0'])('%s: what transformers reads of k_proj, number for number', async (kind) => {
    const name = 'model.layers.0.self_attn.k_proj.weight';
    const expected = readSafetensors(fixture('quant/gguf_logits.safetensors')).tensors.get(`weight.${kind}.${name}`)!;
    const read = (await load(await open(fileOf(tiny(kind))))).get(name)!;
    // In blocks of the engine's, a zero of Q4_0 (8 scales less 8 scales) has no sign.
    expect([...read].map((value) => value + 0)).toEqual([...expected.values].map((value) => value + 0));
  });

  test('its files are offered again under their own names', async () => {
    const raw = await (await open(fileOf(tiny('Q4_0'), 'my model.gguf'))).rawFiles();
    expect(raw.map(({ name, blob }) => [name, blob.size])).toEqual([['my model.gguf', 65_696]]);
  });

  test('a tokenizer.json beside it is used instead of its own', async () => {
    const model = await open(fileOf(tiny('Q4_0')), new File(['{"own":true}'], 'tokenizer.json'));
    expect(model.tokenizer).toEqual({ tokenizerJson: '{"own":true}', tokenizerConfigJson: null });
  });
});

function expectNear(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [index, value] of expected.entries())
    expect(Math.abs(actual[index]! - value)).toBeLessThanOrEqual(tolerance * largest);
}

/** Metadata of a model of one layer, width 64, two heads. */
const llama = (changes: Record<string, WrittenValue> = {}): Record<string, WrittenValue> => ({
  'general.architecture': { text: 'llama' },
  'llama.block_count': { uint32: 1 },
  'llama.embedding_length': { uint32: 64 },
  'llama.feed_forward_length': { uint32: 96 },
  'llama.attention.head_count': { uint32: 2 },
  'llama.context_length': { uint32: 128 },
  'llama.attention.layer_norm_rms_epsilon': { float32: 1e-5 },
  'llama.rope.freq_base': { float32: 500_000 },
  'tokenizer.ggml.model': { text: 'gpt2' },
  'tokenizer.ggml.tokens': { texts: ['a', 'b', '<e>'] },
  'tokenizer.ggml.merges': { texts: ['a b'] },
  'tokenizer.ggml.eos_token_id': { uint32: 2 },
  ...changes,
});

const floats = (name: string, shape: number[], values?: ArrayLike<number>): WrittenTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  const numbers = values ? Float32Array.from(values) : Float32Array.from({ length: count }, (_, index) => Math.sin(index));
  return { name, shape, type: 0, bytes: new Uint8Array(numbers.buffer) };
};
const embedding = floats('token_embd.weight', [3, 64]);
const openWritten = (metadata: Record<string, WrittenValue>, ...tensors: WrittenTensor[]) =>
  open(fileOf(writeGguf(metadata, [embedding, ...tensors])));

describe('config.json of metadata', () => {
  test.each<[string, Record<string, WrittenValue>, WrittenTensor[], object]>([
    ['as many key heads as heads where none are named', {}, [], { model_type: 'llama', num_key_value_heads: 2, head_dim: 32, vocab_size: 3 }],
    ['an output of its own', {}, [floats('output.weight', [3, 64])], { tie_word_embeddings: false }],
    ['Mistral by name', { 'general.name': { text: 'Mistral 7B' } }, [], { model_type: 'mistral', sliding_window: null }],
    ['a window', { 'llama.attention.sliding_window': { uint32: 6 } }, [], { model_type: 'mistral', sliding_window: 6 }],
    ['linear scaling', { 'llama.rope.scaling.type': { text: 'linear' }, 'llama.rope.scaling.factor': { float32: 4 } }, [], { rope_parameters: { rope_type: 'linear', rope_theta: 500_000, factor: 4 } }],
    ['key heads listed for every layer', { 'llama.attention.head_count_kv': { ints: [1, 1] } }, [], { num_key_value_heads: 1 }],
    ['Llama 3’s scaling by its divisors', {}, [floats('rope_freqs.weight', [16], llama3Divisors(8, 500_000, 32))], { rope_parameters: { rope_type: 'llama3', rope_theta: 500_000, factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 } }],
  ])('%s', async (_, changes, tensors, expected) => {
    expect((await openWritten(llama(changes), ...tensors)).config).toMatchObject(expected);
  }); // prettier-ignore

  test.each<[string, Record<string, WrittenValue>, WrittenTensor[], string, string]>([
    ['another architecture', { 'general.architecture': { text: 'gemma2' } }, [], 'model/unsupported', 'architecture is “gemma2”'],
    ['experts', { 'llama.expert_count': { uint32: 8 } }, [], 'model/unsupported', 'mixture of experts'],
    ['yarn', { 'llama.rope.scaling.type': { text: 'yarn' } }, [], 'model/unsupported', 'the type “yarn”'],
    ['other divisors', {}, [floats('rope_freqs.weight', [16])], 'model/unsupported', 'divisors that are not those of Llama 3'],
    ['rotation of a part', { 'llama.rope.dimension_count': { uint32: 16 } }, [], 'model/unsupported', 'rotates 16 of the 32'],
    ['a missing value', { 'llama.block_count': { text: 'two' } }, [], 'model/bad-gguf', '“llama.block_count” is not a number'],
    ['heads that do not divide', { 'llama.attention.head_count': { uint32: 7 } }, [floats('blk.0.attn_q.weight', [64, 64])], 'model/bad-gguf', '7 heads do not divide'],
    ['an unknown cut', { 'tokenizer.ggml.pre': { text: 'viking' } }, [], 'model/unsupported', 'cut as “viking”'],
    ['another tokenizer', { 'tokenizer.ggml.model': { text: 'bert' } }, [], 'model/unsupported', 'of the kind “bert”'],
    ['an end beyond the tokens', { 'tokenizer.ggml.eos_token_id': { uint32: 3 } }, [], 'model/bad-gguf', 'eos token is 3'],
  ])('refused: %s', async (_, changes, tensors, code, message) => {
    const error = await errorOf(openWritten(llama(changes), ...tensors));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  }); // prettier-ignore
});

const fixtureQ8 = fixture('quant/Q8_0.bin');

describe('weights', () => {
  test('GPT-2’s projections are turned to [in, out], in whatever type', async () => {
    const metadata = Object.fromEntries(Object.entries(llama()).map(([key, value]) => [key.replace(/^llama/, 'gpt2'), value]));
    const raw = { quant: new Uint8Array(96 * 2 * 34).map((_, index) => fixtureQ8[index % fixtureQ8.length]!) };
    const tensors = [
      floats('blk.0.attn_qkv.weight', [192, 64]),
      floats('blk.0.attn_qkv.bias', [192]),
      { name: 'blk.0.ffn_up.weight', shape: [96, 64], type: 8, bytes: raw.quant },
    ];
    const model = await openWritten({ ...metadata, 'general.architecture': { text: 'gpt2' } }, ...tensors);
    expect(model.config).toMatchObject({
      model_type: 'gpt2',
      n_embd: 64,
      n_head: 2,
      n_inner: 96,
      n_positions: 128,
      vocab_size: 3,
    });
    expect(model.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['transformer.wte.weight', [3, 64]],
      ['transformer.h.0.attn.c_attn.weight', [64, 192]],
      ['transformer.h.0.attn.c_attn.bias', [192]],
      ['transformer.h.0.mlp.c_fc.weight', [64, 96]],
    ]);
    const loaded = await load(model);
    const turned = loaded.get('transformer.h.0.attn.c_attn.weight')!;
    expect(turned[5 * 192 + 7]).toBe(Math.fround(Math.sin(7 * 64 + 5)));
    const plain = new Float32Array(96 * 64);
    dequantiserOf('Q8_0')!(raw.quant, plain);
    expect(loaded.get('transformer.h.0.mlp.c_fc.weight')![9 * 96 + 95]).toBe(plain[95 * 64 + 9]);
  });

  test('biases of queries and keys move as their rows do', async () => {
    const model = await openWritten(llama(), floats('blk.0.attn_q.bias', [64]), floats('blk.0.attn_v.bias', [64]));
    const loaded = await load(model);
    const [moved, kept] = ['q', 'v'].map((part) => loaded.get(`model.layers.0.self_attn.${part}_proj.bias`)!);
    expect(moved?.[32 + 16 + 3]).toBe(Math.fround(Math.sin(32 + 2 * 3 + 1)));
    expect(kept?.[32 + 16 + 3]).toBe(Math.fround(Math.sin(32 + 16 + 3)));
  });

  test('come in chunks of bounded size, of whole heads where rows move', async () => {
    const wide = { 'llama.embedding_length': { uint32: 4096 }, 'llama.attention.head_count': { uint32: 8 } };
    const q = { name: 'blk.0.attn_q.weight', shape: [4096, 4096], type: 2, bytes: new Uint8Array(4096 * 128 * 18) };
    q.bytes.forEach((_, index) => (q.bytes[index] = index % 18 === 1 ? 0x20 : (index >> 11) & 0xff));
    const model = await open(fileOf(writeGguf(llama(wide), [floats('token_embd.weight', [3, 4096]), q])));
    const rows: number[] = [];
    await model.streamTensors(
      (name) => (name.endsWith('q_proj.weight') ? 'q' : null),
      ({ rows: count, values }) => {
        const bytes = ArrayBuffer.isView(values) ? values.byteLength : values.words.byteLength;
        expect(bytes).toBeLessThanOrEqual(Math.max(chunkBytes, 512 * 4096 * 4));
        rows.push(count);
      },
    );
    expect(rows.every((count) => count % 512 === 0)).toBe(true);
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(4096);
  });

  test('a header longer than a first reading is read on, a file that ends within its weights is noticed', async () => {
    const file = writeGguf(llama({ 'general.description': { text: 'x'.repeat(9_000_000) } }), [embedding]);
    const model = await open(fileOf(file));
    expect((await load(model)).get('model.embed_tokens.weight')).toHaveLength(192);
    let opened = 0;
    const changing = fileOf(file);
    // The reading of the weights finds a shorter file than that of the header did.
    changing.stream = () => (opened++, new Blob([file.subarray(0, file.length - 200)]).stream());
    const error = await errorOf(load(await open(changing)));
    expect([error.code, error.message, opened]).toEqual(['model/bad-gguf', expect.stringContaining('it ends before byte'), 1]);
  });

  test('a wanted tensor of a type that is not read is refused by name, an unwanted one passed over', async () => {
    const odd = { name: 'blk.0.attn_v.weight', shape: [1, 256], type: 23, bytes: new Uint8Array(136) };
    const model = await openWritten(llama(), odd);
    await model.streamTensors((name) => (name.endsWith('v_proj.weight') ? null : name), () => undefined); // prettier-ignore
    const error = await errorOf(load(model));
    expect([error.code, error.message]).toEqual(['model/unsupported', expect.stringContaining('stored as IQ4_XS')]);
  });
});

describe('from the Hub', () => {
  test('a file by its name; others of the repository stay there', async () => {
    const files = new Map([['a/b/sub/tiny-q4.gguf', tiny('Q4_0')], ['a/b/tiny-q8.gguf', tiny('Q8_0')]]); // prettier-ignore
    const server = await startHubServer({ files, commit: 'abc'.padEnd(40, '0') });
    try {
      const hub = new HubLibrary(null, () => undefined, openAccess(server.endpoint));
      const source = { kind: 'hub', id: 'a/b', file: 'sub/tiny-q4.gguf' } as const;
      const model = await openModel(source, { embeddedBase: 'http://unused/', hub });
      expect([model.name, model.format, model.sizeBytes, model.revision]).toEqual(['a/b', 'gguf', 65_696, 'abc'.padEnd(40, '0')]);
      expect((await load(model)).size).toBe(20);
      expect(server.requests.some(({ path }) => path.includes('q8'))).toBe(false);
    } finally {
      await server.close();
    }
  });
});
