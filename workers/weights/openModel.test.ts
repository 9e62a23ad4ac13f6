import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { ModelSource } from '../api/model';
import { fromFloat16Array } from '../api/float16';
import { readSafetensors, writeSafetensors } from '../files/safetensorsData';
import { openAccess } from '../hub/access';
import { HubLibrary } from '../hub/hubLibrary';
import { errorOf } from '../testing/errorOf';
import { startHubServer, type HubServer, type HubServerOptions } from '../testing/hubServer';
import { openModel, type ModelFiles } from './openModel';
import { chunkBytes, type TensorChunk } from './streamTensors';

const nano = (name: string) => new Uint8Array(readFileSync(new URL(`../../public/models/nano-gpt2/${name}`, import.meta.url)));
const nanoFiles = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'model.safetensors',
  'README.md',
];
const text = (content: string) => new TextEncoder().encode(content);

let servers: HubServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function serve(files: Record<string, Uint8Array>, options: Partial<HubServerOptions> = {}): Promise<HubServer> {
  const server = await startHubServer({ files: new Map(Object.entries(files)), ...options });
  servers.push(server);
  return server;
}

const hubOf = (server: HubServer) => new HubLibrary(null, () => undefined, { ...openAccess(server.endpoint), retryDelayMs: 5 });
const nanoAt = (folder: string) => Object.fromEntries(nanoFiles.map((name) => [`${folder}/${name}`, nano(name)]));
const openFiles = (files: File[]) => openModel({ kind: 'files', files }, { embeddedBase: 'http://unused/' });

function fileAt(path: string, content: Uint8Array | string): File {
  const file = new File([typeof content === 'string' ? content : new Uint8Array(content)], path.split('/').at(-1)!);
  Object.defineProperty(file, 'webkitRelativePath', { value: path.includes('/') ? path : '' });
  return file;
}

function sizeOf(model: ModelFiles, name: string): number {
  return model.tensors.find((tensor) => tensor.name === name)!.shape.reduce((product, size) => product * size, 1);
}

async function collect(model: ModelFiles): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  const filled = new Map<string, number>();
  await model.streamTensors(
    (name) => name,
    ({ name, rowOffset, rows, rowLength, values }) => {
      if (!ArrayBuffer.isView(values)) throw new Error(`${name} came in blocks.`);
      const at = filled.get(name) ?? 0;
      expect([rowOffset * rowLength, values.length]).toEqual([at, rows * rowLength]);
      expect(values.byteLength === rowLength * values.BYTES_PER_ELEMENT || values.byteLength <= chunkBytes).toBe(true);
      const whole = tensors.get(name) ?? new Float32Array(sizeOf(model, name));
      whole.set(values instanceof Uint16Array ? fromFloat16Array(values) : values, at);
      tensors.set(name, whole);
      filled.set(name, at + values.length);
    },
  );
  for (const [name, whole] of tensors) expect(filled.get(name), name).toBe(whole.length);
  return tensors;
}

/** Bit for bit; `toEqual` takes seconds for millions of numbers. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bytes(a).equals(bytes(b));
}

function expectNano(model: ModelFiles): void {
  expect(model.config).toMatchObject({ model_type: 'gpt2', n_embd: 256 });
  expect(model.sizeBytes).toBe(10_780_616);
  expect(model.tensors.find(({ name }) => name === 'transformer.wte.weight')?.shape).toEqual([8192, 256]);
  expect('tokenizerJson' in model.tokenizer && model.tokenizer.tokenizerJson.length).toBe(
    new TextDecoder().decode(nano('tokenizer.json')).length,
  );
}

describe('the same model from three places', () => {
  const expected = readSafetensors(nano('model.safetensors')).tensors;

  test('embedded', async () => {
    const server = await serve(nanoAt('models/nano-gpt2'));
    const progress = new Map<string, number>();
    const model = await openModel(
      { kind: 'embedded' },
      { embeddedBase: `${server.endpoint}/models/nano-gpt2/`, onProgress: (file, loaded) => progress.set(file, loaded) },
    );
    expectNano(model);
    expect([model.name, model.source, model.revision]).toEqual(['nano-gpt2', 'embedded', null]);
    expect(progress.get('tokenizer.json')).toBe(nano('tokenizer.json').length);
    const tensors = await collect(model);
    expect(tensors.size).toBe(expected.size);
    for (const [name, values] of tensors) expect(isSame(values, expected.get(name)!.values), name).toBe(true);
    const raw = new Map((await model.rawFiles()).map(({ name, blob }) => [name, blob.size]));
    expect(raw).toEqual(new Map(nanoFiles.map((name) => [name, nano(name).length])));
  });

  test.each([{ withoutRange: false }, { withoutRange: true }])('Hub, %o', async (options) => {
    const commit = 'abc123'.padEnd(40, '0');
    const server = await serve(nanoAt('someone/nano'), { faults: options, commit });
    const source: ModelSource = { kind: 'hub', id: 'someone/nano' };
    const model = await openModel(source, { embeddedBase: 'http://unused/', hub: hubOf(server) });
    expectNano(model);
    expect([model.name, model.revision]).toEqual(['someone/nano', commit]);
    const [info, list, ...rest] = server.requests.map(({ path }) => path);
    expect([info, list]).toEqual(['api/models/someone/nano/revision/main', `api/models/someone/nano/tree/${commit}`]);
    expect(rest.every((path) => path.includes(`/resolve/${commit}/`))).toBe(true);
    let largest = 0;
    const loaded: number[] = [];
    await model.streamTensors(
      (name) => (name.endsWith('wte.weight') ? 'wte' : null),
      ({ values }) => void (largest = Math.max(largest, ArrayBuffer.isView(values) ? values.byteLength : Infinity)),
      { onProgress: (_, bytes) => loaded.push(bytes) },
    );
    expect(largest).toBe(chunkBytes);
    expect(loaded.at(-1)).toBe(model.sizeBytes);
    expect(loaded.every((bytes, i) => bytes >= (loaded[i - 1] ?? 0))).toBe(true);
  });

  test('a dropped folder with nested paths, and one without its tokenizer_config.json', async () => {
    const names = nanoFiles.filter((name) => name !== 'tokenizer_config.json');
    const model = await openFiles(names.map((name) => fileAt(`my model/inner/${name}`, nano(name))));
    expectNano(model);
    expect([model.name, model.tokenizer.tokenizerConfigJson]).toEqual(['my model', null]);
    expect(isSame((await collect(model)).get('transformer.wte.weight')!, expected.get('transformer.wte.weight')!.values)).toBe(
      true,
    );
  });

  test('vocab.json and merges.txt stand in for tokenizer.json, a lone renamed weights file for model.safetensors', async () => {
    const model = await openFiles([
      fileAt('config.json', '{"_name_or_path":"./work/tiny"}'),
      fileAt('vocab.json', '{"a":0}'),
      fileAt('merges.txt', '#version: 0.2'),
      fileAt('model (1).safetensors', nano('model.safetensors')),
    ]);
    expect(model.name).toBe('tiny');
    expect(model.tokenizer).toEqual({ vocabJson: '{"a":0}', mergesText: '#version: 0.2', tokenizerConfigJson: null });
    expect((await model.rawFiles()).map(({ name }) => name)).toContain('model.safetensors');
  });
});

describe('streaming', () => {
  test('awaits each chunk, keeps float32, expands bfloat16, hands a row larger than a chunk over whole', async () => {
    const rowLength = chunkBytes / 4 + 3;
    const values = Float32Array.from({ length: 2 * rowLength }, (_, i) => i);
    const weights = writeSafetensors(new Map([['wide', { shape: [2, rowLength], values }]]));
    const model = await openFiles(localFiles(weights));
    const chunks: TensorChunk[] = [];
    let busy = 0;
    await model.streamTensors(
      () => 'w',
      async (chunk) => {
        expect(++busy).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        busy--;
        chunks.push(chunk);
      },
    );
    expect(chunks.map(({ rowOffset, rows }) => [rowOffset, rows])).toEqual([[0, 1], [1, 1]]); // prettier-ignore
    const second = chunks[1]!.values;
    expect(second instanceof Float32Array && isSame(second, values.subarray(rowLength))).toBe(true);
  });

  test('an abort ends the transfer with its reason; a failing receiver ends it with its own error', async () => {
    const model = await openFiles(localFiles(nano('model.safetensors')));
    const controller = new AbortController();
    const aborted = model.streamTensors((name) => name, () => controller.abort(new Error('stopped')), { signal: controller.signal }); // prettier-ignore
    await expect(aborted).rejects.toThrow('stopped');
    const failed = model.streamTensors((name) => name, () => Promise.reject(new Error('no room'))); // prettier-ignore
    await expect(failed).rejects.toThrow('no room');
  });

  test('wanted tensors that hold no floats are refused, unwanted ones are passed over', async () => {
    const header =
      '{"ids":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"x":{"dtype":"BF16","shape":[1],"data_offsets":[16,18]}}';
    const weights = new Uint8Array(8 + header.length + 18);
    weights[0] = header.length;
    weights.set(text(header), 8);
    weights.set([0x80, 0x3f], weights.length - 2);
    const model = await openFiles(localFiles(weights));
    const met: unknown[] = [];
    await model.streamTensors((name) => (name === 'x' ? name : null), ({ values }) => void met.push(ArrayBuffer.isView(values) ? [...values] : values)); // prettier-ignore
    expect(met).toEqual([[1]]);
    const error = await errorOf(model.streamTensors((name) => name, () => undefined)); // prettier-ignore
    expect([error.code, error.details['tensor']]).toEqual(['model/unsupported', 'ids']);
  });

  test('a file that changes its length between header and weights is noticed', async () => {
    const files = nanoAt('a/b');
    const contents = new Map(Object.entries(files));
    const server = await startHubServer({ files: contents });
    servers.push(server);
    const model = await openModel({ kind: 'hub', id: 'a/b' }, { embeddedBase: 'http://unused/', hub: hubOf(server) });
    contents.set('a/b/model.safetensors', files['a/b/model.safetensors']!.slice(0, 9_000_000));
    expect((await errorOf(collect(model))).message).toContain('ends before byte 10780616');
  });
});

describe('what is missing is named', () => {
  test.each<[string, string[], string, string, string]>([
    ['nothing', [], 'model/missing-file', 'no config.json, no tokenizer.json (or vocab.json and merges.txt), no model.safetensors. No file was dropped.', 'Drop the whole model folder'],
    ['only weights', ['model.safetensors'], 'model/missing-file', 'no config.json, no tokenizer.json (or vocab.json and merges.txt). Found: model.safetensors.', 'Drop the whole'],
    ['pickle', ['config.json', 'tokenizer.json', 'pytorch_model.bin'], 'model/missing-file', 'no model.safetensors. Found: config.json, tokenizer.json, pytorch_model.bin', 'save it again'],
    ['adapter', ['adapter_config.json', 'adapter_model.safetensors'], 'model/missing-file', 'no config.json', 'the files of an adapter'],
    ['half a tokenizer', ['config.json', 'vocab.json', 'model.safetensors'], 'model/missing-file', 'no tokenizer.json (or vocab.json and merges.txt). Found', 'Drop the whole'],
    ['shards', ['config.json', 'tokenizer.json', 'model.safetensors.index.json', 'model-00001-of-00002.safetensors'], 'model/bad-safetensors', 'it has no weight_map', 'Download it again'],
    ['a shard missing', ['config.json', 'tokenizer.json', 'model-00001-of-00003.safetensors', 'model-00003-of-00003.safetensors'], 'model/missing-file', '1 is missing: model-00002-of-00003.safetensors', 'all of them'],
    ['shards of two models', ['config.json', 'tokenizer.json', 'a-00001-of-00002.safetensors', 'b-00002-of-00002.safetensors'], 'model/unsupported', 'several models', 'Choose one'],
    ['two GGUF files', ['a.gguf', 'b.gguf'], 'model/unsupported', 'several models: a.gguf, b.gguf', 'Choose one'],
    ['a part of a GGUF model', ['a-00001-of-00002.gguf'], 'model/unsupported', 'one part of a GGUF model', 'llama-gguf-split'],
    ['two folders', ['a/config.json', 'b/config.json', 'a/model.safetensors'], 'model/unsupported', 'a/config.json and b/config.json', 'one model folder'],
  ])('%s', async (_, paths, code, message, remedy) => {
    const error = await errorOf(openFiles(paths.map((path) => fileAt(path, '{}'))));
    expect([error.code, error.message, error.remedy]).toEqual([code, expect.stringContaining(message), expect.stringContaining(remedy)]);
  }); // prettier-ignore

  test('on the Hub: no weights, only shards, no such model', async () => {
    const server = await serve({
      'a/old/config.json': text('{}'),
      'a/old/tokenizer.json': text('{}'),
      'a/old/pytorch_model.bin': text('x'),
      'a/big/config.json': text('{}'),
      'a/big/tokenizer.json': text('{}'),
      'a/big/model.safetensors.index.json': text('{}'),
    });
    const open = (id: string) => openModel({ kind: 'hub', id }, { embeddedBase: 'http://unused/', hub: hubOf(server) });
    const old = await errorOf(open('a/old'));
    expect([old.message, old.remedy]).toEqual([
      expect.stringContaining('a/old has no model.safetensors.'),
      expect.stringContaining('save it again'),
    ]);
    expect((await errorOf(open('a/big'))).code).toBe('model/bad-safetensors');
    expect((await errorOf(open('no such model'))).code).toBe('hub/not-found');
  });

  test('a broken configuration and broken weights', async () => {
    const files = ['tokenizer.json', 'model.safetensors'].map((name) => fileAt(name, nano(name)));
    expect((await errorOf(openFiles([...files, fileAt('config.json', '<html>')]))).code).toBe('model/bad-config');
    const cut = fileAt('model.safetensors', nano('model.safetensors').slice(0, 5000));
    const error = await errorOf(openFiles([files[0]!, fileAt('config.json', '{}'), cut]));
    expect(error.code).toBe('model/bad-safetensors');
  });
});

function localFiles(weights: Uint8Array): File[] {
  return [fileAt('config.json', '{}'), fileAt('tokenizer.json', '{}'), fileAt('model.safetensors', weights)];
}
