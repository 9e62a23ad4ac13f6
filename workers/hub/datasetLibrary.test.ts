import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import type { DatasetDownload } from '../api/hubDataset';
import { startDatasetHost, type DatasetHost, type DatasetHostOptions } from '../testing/datasetHost';
import { DiskRoom } from '../testing/diskRoom';
import { errorOf } from '../testing/errorOf';
import { first, gated, numbered, reviews, second, unconverted } from '../testing/reviewsDataset';
import { openAccess } from './access';
import { DatasetLibrary } from './datasetLibrary';
import { HubDataset } from './hubDataset';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

let room: DiskRoom;
let hosts: DatasetHost[] = [];
beforeEach(async () => {
  room = await DiskRoom.make();
});
afterEach(async () => {
  await Promise.all([room.end(), ...hosts.map((host) => host.close())]);
  hosts = [];
});

async function host(options: Partial<DatasetHostOptions> = {}): Promise<DatasetHost> {
  const started = await startDatasetHost({ datasets: [reviews, gated, unconverted], token: 'hf_secret', ...options });
  hosts.push(started);
  return started;
}

interface Means {
  token?: string | null;
  tell?: (download: DatasetDownload) => void;
  room?: DiskRoom | null;
}

function libraryOf({ endpoint }: DatasetHost, means: Means = {}): DatasetLibrary {
  const access = { ...openAccess(endpoint), retryDelayMs: 5, token: means.token ?? null };
  return new DatasetLibrary(
    means.room === undefined ? room : means.room,
    () => access,
    means.tell ?? (() => undefined),
    endpoint,
  );
}

const all = { splits: { train: 'train', validation: null, test: 'validation' }, rows: null };
const asked = ({ requests }: DatasetHost, path: string) => requests.filter((request) => request.path.startsWith(path));

describe('what a dataset has', () => {
  test('is told before a row is asked for', async () => {
    const served = await host();
    const plan = await (await libraryOf(served).open({ id: 'https://huggingface.co/datasets/someone/reviews/viewer' })).plan();
    expect(plan).toMatchObject({
      id: 'someone/reviews',
      config: 'default',
      configs: ['default', 'small'],
      licence: 'cc-by-4.0',
      isGated: false,
      features: [
        { name: 'text', type: 'string', classNames: null },
        { name: 'label', type: 'class', classNames: ['neg', 'pos'] },
        { name: 'tags', type: 'list', classNames: null },
      ],
      splits: [
        { name: 'train', rows: 1000, sizeBytes: 500_000, keptBytes: 0, unlabelled: [] },
        { name: 'validation', rows: 120, sizeBytes: 5000, unlabelled: [] },
        { name: 'test', rows: 250, sizeBytes: 5000, unlabelled: ['label'] },
      ],
    });
    expect(plan.preview[1]).toEqual(['line 1', '0', '']);
    expect(asked(served, '/datasets/')).toEqual([]);
    expect(asked(served, '/rows')).toEqual([]);
  });

  test('an old name leads to the new one', async () => {
    const served = await host({ moved: { reviews: 'someone/reviews' } });
    const dataset = await libraryOf(served).open({ id: 'reviews' });
    expect(dataset.listing.id).toBe('someone/reviews');
    await dataset.download(all);
    expect((await libraryOf(served).kept()).map(({ id }) => id)).toEqual(['someone/reviews']);
  });

  test('a configuration that is not there is refused with those that are', async () => {
    const error = await errorOf(libraryOf(await host()).open({ id: 'someone/reviews', config: 'large' }));
    expect([error.code, error.message]).toEqual([
      'hub/not-found',
      'someone/reviews has no configuration “large”. It has default, small.',
    ]);
  });

  test('a busy server is waited for as long as it asks', async () => {
    const served = await host({ faults: { busy: { endpoint: 'info', status: 429, times: 2, retryAfter: '0' } } });
    expect((await libraryOf(served).open({ id: 'someone/reviews' })).listing.features).toHaveLength(3);
    expect(asked(served, '/info')).toHaveLength(3);
  });

  test.each([
    ['someone/nothing', {}, 'hub/not-found', 'The Hub shows no dataset named someone/nothing'],
    ['not a name', {}, 'hub/not-found', 'is not the name of a dataset'],
    [
      'someone/reviews',
      { busy: { endpoint: 'splits', status: 429, times: 99, retryAfter: '3600' } },
      'hub/busy',
      'The Hub is busy',
    ],
    ['someone/reviews', { busy: { endpoint: 'splits', status: 503, times: 99 } }, 'hub/busy', 'answer 503'],
    ['someone/reviews', { noJson: 'splits' }, 'hub/bad-response', 'with something that is not JSON'],
    [
      'someone/reviews',
      { busy: { endpoint: 'splits', status: 500, times: 99, code: 'ResponseNotReady' } },
      'hub/busy',
      'still preparing the splits',
    ],
    [
      'someone/reviews',
      { busy: { endpoint: 'splits', status: 501, times: 99, code: 'DatasetWithScriptNotSupportedError' } },
      'hub/bad-response',
      'DatasetWithScriptNotSupportedError',
    ],
  ] as const)('%s with %o gives %s', async (id, faults, code, words) => {
    const error = await errorOf(libraryOf(await host({ faults: structuredClone(faults) })).open({ id }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('model');
  });

  test('a gated one asks for a token, takes it, and it goes to no other host', async () => {
    const files = await host();
    const served = await host({ hub: { largeFilesAt: files.endpoint } });
    const shut = await errorOf(libraryOf(served).open({ id: 'owners/gated' }));
    expect([shut.code, shut.details['access']]).toEqual(['hub/forbidden', 'needs-token']);
    const other = await errorOf(libraryOf(served, { token: 'hf_ofSomebody' }).open({ id: 'owners/gated' }));
    expect([other.code, other.details['access']]).toEqual(['hub/forbidden', 'not-granted']);
    const open = await libraryOf(served, { token: 'hf_secret' }).open({ id: 'owners/gated' });
    await open.download(all);
    expect(asked(files, '/large/')).toHaveLength(3);
    expect(files.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(JSON.stringify(await room.list())).not.toContain('hf_secret');
  });
});

test('whatever JSON the datasets server sends, it is used or refused in our own words', async () => {
  const served = await host();
  const splits = ['train', 'validation', 'test'].map((split) => ({ dataset: 'someone/reviews', config: 'default', split }));
  const fields = [
    'splits',
    'dataset_info',
    'features',
    'size',
    'parquet_files',
    'rows',
    'row',
    'config',
    'split',
    'url',
    'names',
  ];
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.constantFrom(...splits), fc.array(tie('any')), tie('record')),
    record: fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), tie('any')),
  })).any;
  const endpoint = fc.constantFrom('splits', 'info', 'size', 'parquet', 'rows', 'first-rows', 'is-valid');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(endpoint, value), async (answers) => {
      served.faults.answers = answers;
      const opened = await libraryOf(served)
        .open({ id: 'someone/reviews' })
        .catch((thrown: unknown) => thrown);
      if (opened instanceof HubDataset) expect((await opened.plan()).splits.length).toBeGreaterThan(0);
      else expect(opened).toBeInstanceOf(TuneletError);
    }),
    { numRuns: 60 },
  );
});

describe('files', () => {
  test('come once, with news of their bytes, and serve without the Hub', async () => {
    const news: DatasetDownload[] = [];
    const served = await host();
    const dataset = await libraryOf(served, { tell: (download) => news.push(download) }).open({ id: 'someone/reviews' });
    await dataset.download(all);
    expect(news.at(-1)).toMatchObject({ id: 'someone/reviews', unit: 'bytes', loaded: 505_000, total: 505_000 });
    expect((await dataset.plan()).splits.map(({ keptBytes }) => keptBytes)).toEqual([500_000, 5000, 0]);
    const before = asked(served, '/datasets/').length;
    await dataset.download(all);
    expect(asked(served, '/datasets/')).toHaveLength(before);

    await served.close();
    hosts = [];
    const offline = await libraryOf(served).open({ id: 'someone/reviews' });
    await offline.download(all);
    const contents = [];
    for await (const { content } of offline.files('train')) contents.push(new Uint8Array(await content.arrayBuffer()));
    expect(contents.map(sha256)).toEqual([sha256(first), sha256(second)]);
    expect((await offline.plan()).isFromDevice).toBe(true);
    const missing = await errorOf(offline.download({ splits: { ...all.splits, test: 'test' }, rows: null }));
    expect(missing.code).toBe('hub/offline');
    expect(missing.remedy).not.toContain('model');
  });

  test('a cut connection is taken up from the last byte', async () => {
    const served = await host({ fileFaults: { cutAfterBytes: 120_000 } });
    const dataset = await libraryOf(served).open({ id: 'someone/reviews' });
    await dataset.download(all);
    const ranges = asked(served, '/large/').map(({ range }) => range);
    expect(ranges.filter((range) => range !== undefined).length).toBeGreaterThan(2);
    for await (const { file, content } of dataset.files('train')) {
      expect(sha256(new Uint8Array(await content.arrayBuffer()))).toBe(file.checksum.digest);
    }
  });

  test('a wrong byte is refused by name', async () => {
    const served = await host({ fileFaults: { wrongByteAt: 100_000 } });
    const error = await errorOf((await libraryOf(served).open({ id: 'someone/reviews' })).download(all));
    expect(error.code).toBe('hub/corrupted');
    expect(error.message).toContain('default/train/0000.parquet of someone/reviews arrived damaged');
  });

  test('sizes that do not fit the list are refused', async () => {
    const served = await host({ faults: { wrongSizes: true } });
    const error = await errorOf((await libraryOf(served).open({ id: 'someone/reviews' })).download(all));
    expect([error.code, error.message.includes('bytes in the Hub’s list')]).toEqual(['hub/bad-response', true]);
  });

  test('a download that is cancelled keeps what came', async () => {
    const served = await host({ fileFaults: { bytesPerSecond: 200_000 } });
    const cancel = new AbortController();
    const tell = ({ loaded }: DatasetDownload) => loaded > 0 && cancel.abort(new Error('enough'));
    const dataset = await libraryOf(served, { tell }).open({ id: 'someone/reviews' });
    await expect(dataset.download(all, cancel.signal)).rejects.toThrow('enough');
    const [train] = (await dataset.plan()).splits;
    expect(train?.keptBytes).toBeGreaterThan(0);
    expect(train?.keptBytes).toBeLessThan(500_000);
  });

  test('without room on the device they stay in memory', async () => {
    const served = await host();
    const dataset = await libraryOf(served, { room: null }).open({ id: 'someone/reviews' });
    await dataset.download(all);
    const plan = await dataset.plan();
    expect([plan.storage, plan.splits[0]?.keptBytes]).toEqual([null, 500_000]);
  });

  test('are listed and deleted, but for those that another kept dataset has', async () => {
    const served = await host();
    const library = libraryOf(served, { token: 'hf_secret' });
    await (await library.open({ id: 'someone/reviews' })).download(all);
    await (
      await library.open({ id: 'owners/gated' })
    ).download({ splits: { train: 'validation', validation: null, test: null }, rows: null });
    expect((await library.kept()).map(({ id, keptBytes }) => [id, keptBytes])).toEqual([
      ['owners/gated', 505_000],
      ['someone/reviews', 505_000],
    ]);
    await library.remove({ id: 'owners/gated', config: 'default' });
    expect((await library.kept()).map(({ keptBytes }) => keptBytes)).toEqual([505_000]);
    await library.remove({ id: 'someone/reviews', config: 'default' });
    expect(await room.list()).toEqual([]);
  });
});

describe('pages of rows', () => {
  const rowsOf = async (served: DatasetHost, split: string, rows: number | null, choose: 'spread' | 'first') => {
    const dataset = await libraryOf(served).open({ id: 'someone/unconverted' });
    const texts: unknown[] = [];
    for await (const page of dataset.pages(split, { rows, choose })) texts.push(...page.rows.map(({ text }) => text));
    return texts;
  };

  test('come where there are no files, a hundred at a time', async () => {
    const served = await host();
    const plan = await (await libraryOf(served).open({ id: 'someone/unconverted' })).plan();
    expect(plan.splits.map(({ sizeBytes }) => sizeBytes)).toEqual([null, null, null]);
    const texts = await rowsOf(served, 'test', null, 'spread');
    expect(texts).toEqual(numbered(250, () => -1).map(({ text }) => text));
    expect(asked(served, '/rows').map(({ query }) => /offset=\d+&length=\d+/.exec(query)?.[0])).toEqual([
      'offset=0&length=100',
      'offset=100&length=100',
      'offset=200&length=50',
    ]);
  });

  test('the first, or spread over the whole split', async () => {
    const served = await host();
    expect((await rowsOf(served, 'train', 150, 'first')).at(-1)).toBe('line 149');
    const spread = await rowsOf(served, 'train', 250, 'spread');
    expect(spread).toHaveLength(250);
    // 750 rows are left out, half of them after each of the first two pages.
    expect([spread[0], spread[100], spread.at(-1)]).toEqual(['line 0', 'line 475', 'line 999']);
    expect(new Set(spread).size).toBe(250);
  });

  test('come where the list of files cannot be had for good', async () => {
    const served = await host({ faults: { busy: { endpoint: 'parquet', status: 500, times: 99 } } });
    const plan = await (await libraryOf(served).open({ id: 'someone/reviews' })).plan();
    expect(plan.splits.map(({ sizeBytes }) => sizeBytes)).toEqual([null, null, null]);
    expect(plan.splits.map(({ rows }) => rows)).toEqual([1000, 120, 250]);
  });

  test('a busy server in the middle is waited for', async () => {
    const served = await host();
    served.faults.busy = { endpoint: 'rows', status: 429, times: 3 };
    expect(await rowsOf(served, 'validation', null, 'first')).toHaveLength(120);
  });

  test('where the viewer has no rows either, there is nothing to read', async () => {
    const served = await host({ faults: { withoutViewer: true } });
    const error = await errorOf(libraryOf(served).open({ id: 'someone/unconverted' }));
    expect([error.code, error.message.includes('no Parquet files')]).toEqual(['hub/bad-response', true]);
  });
});
