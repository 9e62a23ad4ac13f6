import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { writeSafetensors } from '../files/safetensorsData';
import { openAccess } from '../hub/access';
import { HubLibrary } from '../hub/hubLibrary';
import { startHubServer } from '../testing/hubServer';
import { openModel, type ModelFiles } from './openModel';

const utf8 = (text: string) => new TextEncoder().encode(text);
const weights = (tensors: Record<string, number[]>) =>
  writeSafetensors(
    new Map(
      Object.entries(tensors).map(([name, values]) => [name, { shape: [values.length], values: Float32Array.from(values) }]),
    ),
  );
const first = weights({ a: [1, 2], b: [3] });
const second = weights({ c: [4, 5, 6] });
const [firstName, secondName] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const indexOf = (map: Record<string, string>) => utf8(JSON.stringify({ metadata: { total_size: 24 }, weight_map: map }));
const index = indexOf({ a: firstName, b: firstName, c: secondName });

const files = (changes: Record<string, Uint8Array | null> = {}) =>
  Object.entries({
    'config.json': utf8('{}'),
    'tokenizer.json': utf8('{}'),
    'model.safetensors.index.json': index,
    [firstName]: first,
    [secondName]: second,
    ...changes,
  }).flatMap(([name, bytes]): [string, Uint8Array][] => (bytes === null ? [] : [[name, bytes]]));

const openDropped = (changes: Record<string, Uint8Array | null> = {}) =>
  openModel(
    { kind: 'files', files: files(changes).map(([name, bytes]) => new File([new Uint8Array(bytes)], name)) },
    { embeddedBase: 'http://unused/' },
  );

async function expectWhole(model: ModelFiles): Promise<void> {
  const met: [string, number[]][] = [];
  const loaded: [string, number, number][] = [];
  await model.streamTensors(
    (name) => (name === 'b' ? null : name),
    ({ name, values }) => void met.push([name, ArrayBuffer.isView(values) ? [...values] : []]),
    { onProgress: (...news) => loaded.push(news) },
  );
  expect(met).toEqual([['a', [1, 2]], ['c', [4, 5, 6]]]); // prettier-ignore
  expect(loaded.at(-1)).toEqual([secondName, first.length + second.length, first.length + second.length]);
  expect(loaded[0]?.[0]).toBe(firstName);
  expect(loaded.every(([, bytes], at) => bytes >= (loaded[at - 1]?.[1] ?? 0))).toBe(true);
  expect([model.sizeBytes, model.tensors.map(({ name }) => name)]).toEqual([first.length + second.length, ['a', 'b', 'c']]);
}

describe('weights in several files', () => {
  test('dropped with their index, and without it', async () => {
    await expectWhole(await openDropped());
    const model = await openDropped({ 'model.safetensors.index.json': null });
    await expectWhole(model);
    expect((await model.rawFiles()).map(({ name }) => name)).toEqual(['config.json', 'tokenizer.json', firstName, secondName]);
  });

  test('of the Hub', async () => {
    const server = await startHubServer({ files: new Map(files().map(([name, bytes]) => [`a/b/${name}`, bytes])) });
    try {
      const hub = new HubLibrary(null, () => undefined, openAccess(server.endpoint));
      await expectWhole(await openModel({ kind: 'hub', id: 'a/b' }, { embeddedBase: 'http://unused/', hub }));
    } finally {
      await server.close();
    }
  });

  test.each<[string, Record<string, Uint8Array | null>, string, string]>([
    ['a tensor in two files', { [secondName]: weights({ c: [4, 5, 6], a: [1] }) }, 'model/bad-safetensors', '“a” is in model-00001-of-00002.safetensors and in'],
    ['a tensor that is nowhere', { [secondName]: weights({ d: [4] }) }, 'model/bad-safetensors', '“c” should be in model-00002-of-00002.safetensors, but is nowhere'],
    ['a file that is not there', { [secondName]: null }, 'model/missing-file', 'no file that its index names'],
    ['an index that leads elsewhere', { 'model.safetensors.index.json': indexOf({ a: '../secret.safetensors' }) }, 'model/bad-safetensors', '../secret.safetensors'],
    ['an index of nothing', { 'model.safetensors.index.json': indexOf({}) }, 'model/bad-safetensors', '0 tensors in 0 files'],
    ['an index that is no JSON', { 'model.safetensors.index.json': utf8('<html>') }, 'model/bad-safetensors', 'it is not JSON'],
  ])('refused: %s', async (_, changes, code, message) => {
    const error: unknown = await openDropped(changes).catch((thrown: unknown) => thrown);
    if (!(error instanceof TuneletError)) throw error;
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  }); // prettier-ignore
});
