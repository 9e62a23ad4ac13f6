import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAccess } from '../hub/access';
import { DatasetLibrary } from '../hub/datasetLibrary';
import { startDatasetHost, type DatasetHost } from '../testing/datasetHost';
import type { ServedSplit } from '../testing/servedDataset';
import { DiskRoom } from '../testing/diskRoom';
import { readHubSplit } from './hubTable';
import type { Table } from './table';

const names = ['cold', 'mild', 'hot'];
const days = Array.from({ length: 260 }, (_, place) => ({
  id: place,
  text: `day ${place}: naïve “guess”\nof the weather`,
  label: place % 13 === 0 ? -1 : Math.floor(place / 90),
}));

function parquet(rows: typeof days): Uint8Array {
  const columnData = [
    { name: 'id', data: rows.map(({ id }) => id), type: 'INT32' as const },
    { name: 'text', data: rows.map(({ text }) => text), type: 'STRING' as const },
    { name: 'label', data: rows.map(({ label }) => BigInt(label)), type: 'INT64' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

let room: DiskRoom;
let served: DatasetHost;
beforeEach(async () => {
  const features = {
    id: { dtype: 'int32', _type: 'Value' },
    text: { dtype: 'string', _type: 'Value' },
    label: { names, _type: 'ClassLabel' },
  };
  const split = (files: Uint8Array[]): ServedSplit => ({ name: 'train', rows: days, parquet: files });
  room = await DiskRoom.make();
  served = await startDatasetHost({
    datasets: [
      {
        id: 'someone/files',
        configs: [{ name: 'default', features, splits: [split([parquet(days.slice(0, 200)), parquet(days.slice(200))])] }],
      },
      { id: 'someone/pages', configs: [{ name: 'default', features, splits: [split([])] }] },
    ],
  });
});
afterEach(async () => {
  await Promise.all([room.end(), served.close()]);
});

async function read(id: string, rows: number | null, choose: 'spread' | 'first'): Promise<Table> {
  const access = { ...openAccess(served.endpoint), retryDelayMs: 5 };
  const library = new DatasetLibrary(
    room,
    () => access,
    () => undefined,
    served.endpoint,
  );
  const dataset = await library.open({ id });
  await dataset.download({ splits: { train: 'train', validation: null, test: null }, rows });
  return readHubSplit(dataset, 'train', { rows, choose }, {});
}

const column = (table: Table, name: string) => {
  const values = table.values[table.columns.indexOf(name)];
  return Array.from({ length: values?.length ?? 0 }, (_, row) => values?.at(row));
};
const labelOf = ({ label }: { label: number }) => (label < 0 ? '' : names[label]);

test('files and pages give the same rows, classes by name and none for -1', async () => {
  const [files, pages] = [await read('someone/files', null, 'spread'), await read('someone/pages', null, 'spread')];
  for (const table of [files, pages]) {
    expect(table.columns).toEqual(['id', 'text', 'label']);
    expect(column(table, 'text')).toEqual(days.map(({ text }) => text));
    expect(column(table, 'label')).toEqual(days.map(labelOf));
    expect(column(table, 'id')).toEqual(days.map(({ id }) => String(id)));
  }
  expect(files.values[2]?.coded?.values.toSorted()).toEqual(['', 'cold', 'hot', 'mild']);
});

test('a smaller number is spread over all files and keeps the rows’ numbers, or is the first', async () => {
  const spread = await read('someone/files', 26, 'spread');
  const places = Array.from({ length: 26 }, (_, place) => place * 10 + 9);
  expect(column(spread, 'id')).toEqual(places.map(String));
  expect([...spread.rowNumbers]).toEqual(places.map((place) => place + 1));
  expect(column(spread, 'label')).toEqual(places.map((place) => labelOf(days[place]!)));
  const first = await read('someone/files', 30, 'first');
  expect(column(first, 'id')).toEqual(days.slice(0, 30).map(({ id }) => String(id)));
  expect((await read('someone/pages', 130, 'first')).rowNumbers).toHaveLength(130);
});

test('texts that the Hub has cut are told', async () => {
  served.faults.cutCells = true;
  const { warnings } = await read('someone/pages', null, 'first');
  expect(warnings).toEqual([{ code: 'cut-cells', message: expect.stringContaining('260 rows have a text') }]);
});
