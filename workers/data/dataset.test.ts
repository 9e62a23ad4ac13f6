import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badFile } from '../testing/badFiles';
import { Dataset } from './dataset';
import { openDataset } from './openDataset';
import { openSample } from './sample';

const fileOf = (rows: string[], name = 'file.csv', header = 'text,label'): File => new File([[header, ...rows].join('\n')], name);
const rows = (count: number, labelOf: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => `this is sentence ${index},${labelOf(index)}`);
const parity = (index: number): string => (index % 2 === 0 ? 'even' : 'odd');

async function created(...files: Parameters<typeof openDataset>): Promise<Dataset> {
  return Dataset.create(await openDataset(...files));
}

describe('other columns', () => {
  const texts = (genre: string, count: number, from = 0): string[] =>
    Array.from({ length: count }, (_, index) => `${genre},text number ${from + index},${parity(index)},${from + index}`);

  it('stand beside the texts of every split, rows that are left out or not', async () => {
    const lines = texts('drama', 60).flatMap((line, index) => (index % 5 === 0 ? [line, 'lost,,even,9', 'too few'] : [line]));
    const dataset = await created({ train: fileOf(lines, 'file.csv', 'genre,text,label,id') });
    for (const split of ['train', 'validation', 'test'] as const) {
      expect(dataset.otherColumns(split)).toEqual(['genre', 'id']);
      const written = dataset.examples(split).map(({ text }) => text.replace('text number ', ''));
      expect(written.length).toBeGreaterThan(0);
      expect(dataset.columnOf(split, 'id')).toEqual(written);
      expect(new Set(dataset.columnOf(split, 'genre'))).toEqual(new Set(['drama']));
    }
    expect(() => dataset.columnOf('test', 'author')).toThrow('no column');
  });

  it('of a test file are its own', async () => {
    const dataset = await created({
      train: fileOf(texts('drama', 40), 'train.csv', 'genre,text,label,id'),
      test: fileOf(texts('comedy', 10, 100), 'test.csv', 'stage,text,label,id'),
    });
    expect(dataset.otherColumns('test')).toEqual(['stage', 'id']);
    expect(dataset.columnOf('test', 'stage')).toEqual(Array(10).fill('comedy'));
    expect(dataset.columnOf('test', 'id')[3]).toBe('103');
    expect(dataset.otherColumns('validation')).toEqual(['genre', 'id']);
    expect(dataset.columnOf('validation', 'genre')[0]).toBe('drama');
  });
});

describe('guesses and mappings', () => {
  it('guesses by name and by values, and says why', async () => {
    const named = await openDataset({ train: fileOf(rows(60, parity)) });
    expect(named.guess).toEqual({
      text: { column: 'text', reason: 'Looks like text: median 19 characters.' },
      label: { column: 'label', reason: '2 distinct values in 60 rows.' },
    });
    const unnamed = fileOf(
      Array.from({ length: 1200 }, (_, index) => `${index},${index % 3},"a longer message ${index}",0.${index % 5}1`),
      'file.csv',
      'id,mood,message,score',
    );
    expect((await openDataset({ train: unnamed })).guess).toEqual({
      text: { column: 'message', reason: 'Looks like text: median 20 characters.' },
      label: { column: 'mood', reason: '3 distinct values in 1,200 rows.' },
    });
  });

  it('takes the longer of two columns of one name for the text', async () => {
    const dataset = await created({ train: badFile('duplicateHeaders') });
    expect(dataset.mapping).toEqual({ text: 'text (2)', label: 'label' });
    expect(dataset.examples('train')[0]!.text).toMatch(/^the second/);
  });

  it('refuses what has no label column, and lets the user choose one by hand', async () => {
    const opened = await openDataset({ train: badFile('missingLabelColumn') });
    expect(() => Dataset.create(opened)).toThrow(
      expect.objectContaining({
        code: 'data/no-label-column',
        details: expect.objectContaining({ columns: '["text","length"]' }),
      }),
    );
    expect(() => Dataset.create(opened, { text: 'text', label: 'length' })).toThrow(
      expect.objectContaining({ code: 'data/too-many-classes', details: expect.objectContaining({ distinct: 60, rows: 60 }) }),
    );
    const free = await openDataset({
      train: fileOf(
        Array.from({ length: 300 }, (_, index) => `text number ${index},name${index % 250}`),
        'f.csv',
        'a,b',
      ),
    });
    expect(free.guess.label).toBeNull();
    const wide = await openDataset({
      train: fileOf(
        Array.from({ length: 600 }, (_, index) => `text number ${index},name${index % 250}`),
        'f.csv',
        'a,b',
      ),
    });
    expect(Dataset.create(wide, { text: 'a', label: 'b' }).summary().guess.label).toEqual({
      column: 'b',
      reason: 'No column looks like labels; you chose this one.',
    });
  });

  it.each([
    ['one class', badFile('oneClassOnly'), 'data/one-class'],
    ['decimals', fileOf(rows(40, (index) => `${index % 4}.5`)), 'data/float-labels'],
    ['few rows', fileOf(rows(9, parity)), 'data/too-few-rows'],
    ['as many labels as rows', fileOf(rows(40, (index) => `name ${index}`)), 'data/too-many-classes'],
    ['1,001 labels', fileOf(rows(4004, (index) => `name ${index % 1001}`)), 'data/too-many-classes'],
  ])('refuses %s', async (_, train, code) => {
    await expect(created({ train })).rejects.toMatchObject({ code, details: { columns: '["text","label"]' } });
  });

  it('refuses a column that is not there and a label that training lacks', async () => {
    const train = fileOf(rows(40, parity));
    const opened = await openDataset({ train });
    expect(() => Dataset.create(opened, { text: 'text', label: 'topic' })).toThrow(
      expect.objectContaining({
        code: 'data/missing-column',
        message: 'Reading file.csv, there is no column “topic”. It has “text”, “label”.',
      }),
    );
    await expect(created({ train, test: fileOf(['a,even', ',odd', 'b,prime'], 'test.csv') })).rejects.toMatchObject({
      code: 'data/unknown-label',
      details: { file: 'test.csv', row: 3, label: 'prime', excerpt: 'b, prime', excerptLine: 3, excerptCounts: 'rows' },
    });
    await expect(created({ train, validation: fileOf(['a,even'], 'v.csv', 'text,topic') })).rejects.toMatchObject({
      code: 'data/missing-column',
      details: { file: 'v.csv', column: 'label' },
    });
  });

  it.each([
    ['labels500Distinct', 500, ['label_000', 'label_001']],
    ['labelGaps', 3, ['0', '2', '7']],
    ['labelCaseVariants', 10, [' neg', ' pos', 'NEG', 'Neg', 'POS', 'Pos', 'neg', 'neg\u00a0', 'pos', 'pos ']],
    ['formulaInjection', 4, ['=1+1', '@neg', 'neg', 'pos']],
    ['htmlScript', 3, ['<b>pos</b>', 'neg', 'pos']],
  ] as const)('%s: keeps labels exactly and orders them', async (name, count, first) => {
    const { labels } = await created({ train: badFile(name) });
    expect(labels).toHaveLength(count);
    expect(labels.slice(0, first.length)).toEqual(first);
  });

  it('orders whole numbers by value and names by code point, as Python does', async () => {
    expect((await created({ train: fileOf(rows(44, (index) => `${(index % 11) - 1}`)) })).labels).toEqual([
      '-1',
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
    ]);
    expect((await created({ train: fileOf(rows(40, (index) => ['10', '9', 'a', '😀', '\uffee'][index % 5]!)) })).labels).toEqual([
      '10',
      '9',
      'a',
      '\uffee',
      '😀',
    ]);
  });
});

describe('Dataset', () => {
  it('says once what two files have in common', async () => {
    const files = ['train.csv', 'test.csv'].map((name) =>
      fileOf(
        rows(40, parity).map((row) => `${row},x`),
        name,
        'text,label,text',
      ),
    );
    const { warnings } = (await created({ train: files[0]!, test: files[1]! })).summary();
    expect(warnings.map(({ code }) => code)).toEqual(['duplicate-column']);
  });

  it('summarises one file', async () => {
    const train = fileOf([...rows(100, parity), ',even', '   ,odd', 'no label,', 'one', 'a,b,c'], 'mine.csv');
    const summary = (await created({ train })).summary();
    expect(summary).toMatchObject({
      name: 'mine.csv',
      sizeBytes: train.size,
      format: 'UTF-8, comma',
      columns: ['text', 'label'],
      mapping: { text: 'text', label: 'label' },
      rowCount: 100,
      labels: [
        { name: 'even', count: 50 },
        { name: 'odd', count: 50 },
      ],
      skipped: [
        { code: 'empty-text', reason: 'with an empty text', count: 2, firstRow: 101, excerpt: ', even' },
        { code: 'no-label', reason: 'without a label', count: 1, firstRow: 103, excerpt: 'no label, ' },
        { code: 'too-few-fields', reason: 'with too few fields', count: 1, firstRow: 104, excerpt: 'one' },
        { code: 'too-many-fields', reason: 'with too many fields', count: 1, firstRow: 105, excerpt: 'a, b, c' },
      ],
      split: { train: 80, validation: 10, test: 10 },
      splitMethod: 'by label, seed 42',
      splitOptions: { seed: 42, validationShare: 0.1, testShare: 0.1 },
      attribution: null,
    });
    expect(summary.preview).toHaveLength(5);
    expect(summary.preview[1]).toEqual({ row: 2, text: 'this is sentence 1', label: 'odd' });
  });

  it('uses given files whole and carves the rest', async () => {
    const files = { train: fileOf(rows(100, parity)), test: fileOf(rows(7, parity), 'test.csv') };
    const dataset = await created(files);
    expect(dataset.summary()).toMatchObject({
      rowCount: 107,
      split: { train: 90, validation: 10, test: 7 },
      splitMethod: 'validation by label, seed 42; test from its own file',
    });
    expect(dataset.examples('test')).toEqual(
      Array.from({ length: 7 }, (_, index) => ({ text: `this is sentence ${index}`, label: index % 2 })),
    );
    const both = await created({ ...files, validation: files.test });
    expect(both.summary()).toMatchObject({ split: { train: 100, validation: 7, test: 7 }, splitMethod: 'given files' });
    const withoutTest = await created({ train: files.train, validation: files.test });
    expect(withoutTest.summary().split).toEqual({ train: 100, validation: 7, test: 0 });
    expect(withoutTest.examples('test')).toEqual([]);
  });

  it('splits into parts that are disjoint and whole, and again the same', async () => {
    const dataset = await created({ train: fileOf(rows(97, (index) => `${index % 3}`)) });
    const textsOf = (from: Dataset): string[][] =>
      (['train', 'validation', 'test'] as const).map((split) => from.examples(split).map(({ text }) => text));
    expect(new Set(textsOf(dataset).flat()).size).toBe(97);
    const other = dataset.withSplit({ seed: 7, validationShare: 0.2, testShare: 0 });
    expect(textsOf(other).map((texts) => texts.length)).toEqual([78, 19, 0]);
    expect(other.summary().splitMethod).toBe('by label, seed 7');
    expect(textsOf(other.withSplit(dataset.splitOptions))).toEqual(textsOf(dataset));
    expect(dataset.examples('train').every(({ text, label }) => Number(text.split(' ')[3]) % 3 === label)).toBe(true);
  });

  it('refuses shares that leave too little', async () => {
    const dataset = await created({ train: fileOf(rows(40, parity)) });
    for (const shares of [
      { validationShare: 0.5, testShare: 0.5 },
      { validationShare: -0.1, testShare: 0 },
      { validationShare: Number.NaN, testShare: 0 },
    ]) {
      expect(() => dataset.withSplit({ seed: 1, ...shares })).toThrow(expect.objectContaining({ code: 'settings/invalid' }));
    }
  });
});

describe('the sample', () => {
  let server: Server;
  let baseUrl = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      readFile(new URL(`../../public/${(request.url ?? '').replace('/page/', '')}`, import.meta.url)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page/`;
  });
  afterAll(() => server.close());

  it('opens with eight intents, a carved validation split and its own test file', async () => {
    const dataset = Dataset.create(await openSample(baseUrl));
    expect(dataset.summary()).toMatchObject({
      name: 'bank messages',
      rowCount: 1303,
      skipped: [],
      split: { train: 885, validation: 98, test: 320 },
      attribution: expect.stringMatching(/Casanueva et al\..*CC BY 4\.0/),
    });
    expect(dataset.labels).toEqual([
      'Refund_not_showing_up',
      'age_limit',
      'card_arrival',
      'change_pin',
      'exchange_rate',
      'lost_or_stolen_card',
      'top_up_failed',
      'verify_my_identity',
    ]);
  });

  it('says which file is missing', async () => {
    await expect(openSample(`${baseUrl}elsewhere/`)).rejects.toMatchObject({
      code: 'hub/bad-response',
      details: { path: 'samples/bank-messages/train.csv', status: 404 },
    });
  });
});
