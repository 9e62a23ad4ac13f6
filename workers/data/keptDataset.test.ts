import { beforeEach, expect, test } from 'vitest';
import { noCleaning } from '../api/cleaning';
import type { DatasetFiles, Preparation } from '../api/dataset';
import { mostKeptBytes, type DatasetOrigin } from '../api/keptDataset';
import { MemoryRoom } from '../storage/memoryRoom';
import { KeptDatasetRoom } from './keptDataset';

const preparation: Preparation = {
  mapping: { text: 'message', label: 'intent' },
  cleaning: { ...noCleaning, lowercase: true },
  split: {
    seed: 7,
    method: 'ratio',
    validationShare: 0.2,
    testShare: 0.1,
    stratified: true,
    rowsPerClass: { train: 1, validation: 1, test: 1 },
    groupColumn: null,
    sameTextTogether: false,
  },
};
const file = (name: string, content: string) => new File([content], name, { type: 'text/csv', lastModified: 5 });
const origin = (files: DatasetFiles): DatasetOrigin => ({ kind: 'files', files, choices: { encoding: 'windows-1252' } });
const parts = origin({
  train: file('train-0.csv', 'message,intent\na,b\n'),
  test: file('test.csv', 'message,intent\nc,d\n'),
  furtherParts: { train: [file('train-1.csv', 'e,f\n')] },
});

let room: MemoryRoom;
beforeEach(() => {
  room = new MemoryRoom(1e9);
});
/** As at the next visit. */
const load = () => new KeptDatasetRoom(room).load();
const names = async () => (await room.list()).map(({ name }) => name).sort();

test('files come back in their parts with their names and content, prepared as they were', async () => {
  const sizeBytes = await new KeptDatasetRoom(room).save('train-0.csv', parts, preparation);
  const record = await load();
  expect(record).toMatchObject({ name: 'train-0.csv', preparation, sizeBytes });
  if (record?.origin.kind !== 'files') throw new Error('The files did not come back.');
  const { files, choices } = record.origin;
  expect(choices).toEqual({ encoding: 'windows-1252' });
  expect([files.train.name, files.test?.name, files.furtherParts?.train?.[0]?.name]).toEqual([
    'train-0.csv',
    'test.csv',
    'train-1.csv',
  ]);
  expect(await files.test?.text()).toBe('message,intent\nc,d\n');
  expect(files.train).toMatchObject({ type: 'text/csv', lastModified: 5 });
});

test.each<DatasetOrigin>([
  { kind: 'sample' },
  {
    kind: 'hub',
    choice: {
      id: 'owner/name',
      config: 'default',
      splits: { train: 'train', validation: null, test: null },
      text: 'text',
      label: 'label',
      rows: 100,
      choose: 'spread',
    },
  },
])('of what lies elsewhere only its place is kept: $kind', async (elsewhere) => {
  expect(await new KeptDatasetRoom(room).save('a', elsewhere, preparation)).toBe(0);
  expect(await names()).toEqual(['dataset.json']);
  expect(await load()).toMatchObject({ origin: elsewhere, preparation });
});

test('another dataset takes the place of the one before, and another split copies nothing', async () => {
  const kept = new KeptDatasetRoom(room);
  await kept.save('train-0.csv', parts, preparation);
  const other = origin({ train: file('other.csv', 'x') });
  await kept.save('other.csv', other, preparation);
  const before = await names();
  expect(before).toHaveLength(2);
  await kept.save('other.csv', other, { ...preparation, split: { ...preparation.split, seed: 8 } });
  expect(await names()).toEqual(before);
  expect((await load())?.preparation.split.seed).toBe(8);
});

test('copies that the browser has cleared meanwhile are made again', async () => {
  const kept = new KeptDatasetRoom(room);
  await kept.save('train-0.csv', parts, preparation);
  for (const name of await names()) await room.remove(name);
  await kept.save('train-0.csv', parts, preparation);
  expect((await load())?.name).toBe('train-0.csv');
});

test.each(['manifest', 'copy', 'missing copy'])('a damaged %s is said and forgotten', async (which) => {
  await new KeptDatasetRoom(room).save('train-0.csv', parts, preparation);
  const [copy = ''] = (await names()).filter((name) => name !== 'dataset.json');
  const name = which === 'manifest' ? 'dataset.json' : copy;
  const bytes = new Uint8Array((await (await room.read(name))?.arrayBuffer()) ?? []);
  bytes[bytes.length - 3]! ^= 1;
  if (which === 'missing copy') await room.remove(copy);
  else await room.write(name, bytes);
  await expect(load()).rejects.toMatchObject({ code: 'data/kept-damaged' });
  expect(await names()).toEqual([]);
  expect(await load()).toBe(null);
});

test('what another version of the page kept is refused kindly and forgotten', async () => {
  await new KeptDatasetRoom(room).save('a', { kind: 'sample' }, preparation);
  const { crc32 } = await import('../files/crc32');
  const body = JSON.stringify({ version: 99 });
  const checksum = crc32(new TextEncoder().encode(body)).toString(16).padStart(8, '0');
  await room.write('dataset.json', new TextEncoder().encode(`${checksum}\n${body}`));
  await expect(load()).rejects.toMatchObject({ code: 'data/kept-version', details: { found: '99' } });
  expect(await names()).toEqual([]);
});

test('what does not fit is refused in words, and the dataset before it does not come back', async () => {
  const small = new MemoryRoom(2000);
  const kept = new KeptDatasetRoom(small);
  await kept.save('train-0.csv', parts, preparation);
  const large = origin({ train: file('large.csv', 'x'.repeat(3000)) });
  await expect(kept.save('large.csv', large, preparation)).rejects.toMatchObject({ code: 'storage/quota' });
  expect(await small.list()).toEqual([]);
});

test('very large files are not kept', async () => {
  const train = file('huge.csv', '');
  Object.defineProperty(train, 'size', { value: mostKeptBytes + 1 });
  const keeping = new KeptDatasetRoom(room).save('huge.csv', origin({ train }), preparation);
  await expect(keeping).rejects.toMatchObject({ code: 'data/too-large' });
});
