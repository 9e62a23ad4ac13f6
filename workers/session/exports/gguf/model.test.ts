import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { toFloat16Array } from '../../../api/float16';
import { encodeNumbers } from '../../../files/encodeNumbers';
import { parseGgufHeader } from '../../../files/gguf';
import type { GgufWrittenType } from '../../../files/ggufWriter';
import { HubLibrary } from '../../../hub/hubLibrary';
import type { LoraConfig } from '../../../lora/config';
import { AdapterMerge } from '../../../lora/merge';
import { byteTokenizerJson } from '../../../testing/byteTokenizer';
import { ggufLogits } from '../../../testing/ggufCase';
import { loadLanguageModelCase } from '../../../testing/languageModelCase';
import { relativeDifference } from '../../../testing/parityCase';
import { createReferenceExecutor } from '../../../testing/referenceProgram';
import { openModel } from '../../../weights/openModel';
import { chooseModel, type ChosenModel } from '../../model/modelRoom';
import { GgufModel } from './model';

const folder = new URL('../../../testing/fixtures/reference/', import.meta.url);
const read = async (path: string) => new Uint8Array(await readFile(new URL(path, folder)));
const silent = (): void => {};

/** A tokenizer of bytes that has no more tokens than the fixture's vocabulary. */
function tokenizerFor(size: number): string {
  const json: { added_tokens: { id: number }[] } = JSON.parse(byteTokenizerJson());
  return JSON.stringify({ ...json, added_tokens: json.added_tokens.filter(({ id }) => id < size) });
}

async function chosen(files: File[]): Promise<ChosenModel> {
  return chooseModel({ kind: 'files', files }, 'http://unused/', new HubLibrary(null, silent), silent);
}

async function tiny(fixture: string) {
  const parity = await loadLanguageModelCase(fixture, async (file) => read(`${fixture}/${file}`));
  const model = await chosen([
    new File([await read(`${fixture}/config.json`)], 'config.json'),
    new File([await read(`${fixture}/model.safetensors`)], 'model.safetensors'),
    new File([tokenizerFor(parity.model.vocabularySize)], 'tokenizer.json'),
    new File([JSON.stringify({ eos_token: '<pad>', chat_template: '{{ messages[0].content }}' })], 'tokenizer_config.json'),
  ]);
  const { r, lora_alpha: loraAlpha, target_modules: targetModules, use_rslora: useRslora = false, use_dora: useDora = false } = parity.meta.lora; // prettier-ignore
  const lora: LoraConfig = { r, loraAlpha, loraDropout: 0, targetModules, useRslora, useDora, task: 'CAUSAL_LM' };
  const tensors = new Map([...parity.adapter].map(([name, { values }]) => [name, values]));
  return { parity, model, merge: new AdapterMerge(lora, model.base, tensors) };
}

async function written(model: ChosenModel, merge: AdapterMerge | null, type: GgufWrittenType): Promise<Uint8Array<ArrayBuffer>> {
  const told: number[] = [];
  const gguf = await GgufModel.create(model, {
    name: 'my run',
    type,
    merge,
    signal: new AbortController().signal,
    onProgress: (done) => told.push(done),
  });
  const bytes = new Uint8Array(await new Response(gguf.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
  expect([bytes.length, told.at(-1)]).toEqual([gguf.sizeBytes, gguf.sizeBytes]);
  return bytes;
}

function tensorsOf(file: Uint8Array) {
  return parseGgufHeader(file, file.length)!.tensors.map(({ name, type, shape, byteOffset, byteLength }) => ({
    name,
    type: type.name,
    shape,
    bytes: file.slice(byteOffset, byteOffset + byteLength),
  }));
}

describe('a merged model as GGUF', () => {
  it.each(['gpt2-tiny-lm', 'llama-tiny-lm', 'mistral-tiny-lm'])(
    '%s, opened again: the logits that PEFT gets of base and adapter',
    async (fixture) => {
      const { parity, model, merge } = await tiny(fixture);
      const file = new File([await written(model, merge, 'F32')], 'merged.gguf');
      const executor = createReferenceExecutor();
      const files = await openModel({ kind: 'files', files: [file] }, { embeddedBase: 'http://unused/' });
      const logits = await ggufLogits({ parity, expected: new Map(), file: async () => file }, files, executor, 'float32');
      executor.dispose();
      expect(relativeDifference(logits, parity.expected.get('logits')?.values ?? [])).toBeLessThan(1e-5);
    },
  );

  it.each(['F16', 'Q8_0'] as const)('%s: those numbers rounded, matrix by matrix; vectors and positions stay', async (type) => {
    const { model, merge } = await tiny('gpt2-tiny-lm');
    const exact = new Map(tensorsOf(await written(model, merge, 'F32')).map((tensor) => [tensor.name, tensor]));
    const rounded = tensorsOf(await written(model, merge, type));
    expect(rounded.map(({ name }) => name)).toEqual([...exact.keys()]);
    for (const { name, type: own, shape, bytes } of rounded) {
      const wanted = shape.length === 1 || name === 'position_embd.weight' ? 'F32' : type;
      expect(own, name).toBe(wanted);
      expect(Buffer.compare(bytes, encodeNumbers(wanted, name, new Float32Array(exact.get(name)!.bytes.buffer))), name).toBe(0);
    }
    expect(rounded.some(({ type: own }) => own === type)).toBe(true);
  });

  it('of the base alone, byte for byte the tensors that gguf-py wrote of it', async () => {
    const { model } = await tiny('llama-tiny-lm');
    const wanted = new Map(tensorsOf(await read('quant/llama-tiny-lm.Q8_0.gguf')).map((tensor) => [tensor.name, tensor]));
    const own = tensorsOf(await written(model, null, 'Q8_0'));
    expect(own.map(({ name }) => name).sort()).toEqual([...wanted.keys()].sort());
    for (const { name, type, shape, bytes } of own) {
      const tensor = wanted.get(name)!;
      expect([type, shape], name).toEqual([tensor.type, tensor.shape]);
      expect(Buffer.compare(bytes, tensor.bytes), name).toBe(0);
    }
  });

  it('of a base from a GGUF file keeps what that says of the tokenizer', async () => {
    const bytes = await read('quant/llama-tiny-lm.F16.gguf');
    const model = await chosen([new File([bytes], 'tiny.gguf')]);
    const file = await written(model, null, 'F16');
    const [before, after] = [bytes, file].map((each) => parseGgufHeader(each, each.length)!.metadata);
    for (const [key, value] of before!) {
      if (key.startsWith('tokenizer.') || key.startsWith('llama.')) expect(after!.get(key), key).toEqual(value);
    }
    const same = new Map(tensorsOf(file).map((tensor) => [tensor.name, tensor.bytes]));
    for (const { name, bytes: own } of tensorsOf(bytes)) expect(Buffer.compare(own, same.get(name)!), name).toBe(0);
  });

  it('has a token for each row, and says which are special', async () => {
    const { model, merge } = await tiny('llama-tiny-lm');
    const file = await written(model, merge, 'F16');
    const { metadata } = parseGgufHeader(file, file.length)!;
    expect(metadata.get('tokenizer.ggml.tokens')).toHaveLength(259);
    expect(metadata.get('tokenizer.ggml.token_type')).toEqual(Int32Array.from({ length: 259 }, (_, id) => (id < 256 ? 1 : 3)));
    expect(Object.fromEntries(metadata)).toMatchObject({
      'general.name': 'my run',
      'general.file_type': 1,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'gpt-2',
      'tokenizer.ggml.eos_token_id': 256,
      'tokenizer.ggml.add_bos_token': false,
      'tokenizer.chat_template': '{{ messages[0].content }}',
    });
  });

  it('refuses numbers beyond float16 while it is written', async () => {
    const { model, parity } = await tiny('llama-tiny-lm');
    const huge = new Map([...parity.adapter].map(([name, { values }]) => [name, values.map(() => 1e4)]));
    const lora: LoraConfig = { ...parity.meta.lora, loraAlpha: 16, loraDropout: 0, targetModules: parity.meta.lora.target_modules, useRslora: false, useDora: false, task: 'CAUSAL_LM' }; // prettier-ignore
    await expect(written(model, new AdapterMerge(lora, model.base, huge), 'F16')).rejects.toMatchObject({
      code: 'model/too-large',
    });
    expect(toFloat16Array(Float32Array.of(1e6))[0]).toBe(0x7c00);
  });
});
