import { describe, expect, it } from 'vitest';
import { noCleaning } from '../api/cleaning';
import { plainLabels, type SplitName } from '../api/dataset';
import { findRows, foundRowsAsCsv, showRow } from './browse';
import { countTextsInTwoSplits, reportOnCleaning } from './clean/cleaningReport';
import { Dataset } from './dataset';
import { openDataset } from './openDataset';
import { changePair } from './textColumns';

const splits: readonly SplitName[] = ['train', 'validation', 'test'];
const signal = new AbortController().signal;

function csv(header: string, rows: readonly (readonly string[])[], name = 'file.csv'): File {
  const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  return new File([[header, ...rows.map((row) => row.map(cell).join(','))].join('\n')], name);
}

const parity = (index: number): string => (index % 2 === 0 ? 'even' : 'odd');
const plainRows = (count: number): string[][] =>
  Array.from({ length: count }, (_, index) => [`text number ${index}`, parity(index)]);
const allTexts = (dataset: Dataset): string[] => splits.flatMap((split) => [...dataset.texts(split)]);

describe('cleaning a dataset', () => {
  const rows = [
    ...plainRows(40),
    ['<p>Is it &quot;closed&quot;?</p>', 'odd'],
    ['<br>', 'odd'],
    ['text  number   1', 'odd'],
    ['short', 'even'],
    ['text number 2', 'even'],
  ];

  it('changes texts when they are read, and counts what it leaves out', async () => {
    const opened = await openDataset({ train: csv('text,label', rows) });
    const raw = Dataset.create(opened);
    const cleaned = raw.withCleaning({ ...noCleaning, html: true, whitespace: true, duplicates: true, minWords: 2 });
    expect(allTexts(raw)).toContain('<p>Is it &quot;closed&quot;?</p>');
    expect(allTexts(cleaned)).toContain('Is it "closed"?');
    expect(allTexts(cleaned)).toHaveLength(41);
    const skipped = Object.fromEntries(cleaned.summary().skipped.map(({ code, count, firstRow }) => [code, [count, firstRow]]));
    expect(skipped).toEqual({ 'empty-text': [1, 42], 'too-few-words': [1, 44], 'same-text': [2, 43] });
    expect(cleaned.withCleaning(noCleaning).summary()).toEqual(raw.summary());
    expect(cleaned.preparation.cleaning.minWords).toBe(2);
  });

  it('tells what each step would change, whether it is on or off', async () => {
    const opened = await openDataset({ train: csv('text,label', rows) });
    const off = Dataset.create(opened);
    const report = await reportOnCleaning(off.uncleaned, noCleaning, signal);
    expect(report.counts).toEqual({ html: 2, control: 0, urls: 0, lowercase: 1, whitespace: 1, duplicates: 1, minWords: 2 });
    expect(report).toMatchObject({ changed: 0, texts: 45, examples: [] });
    const on = { ...noCleaning, html: true, whitespace: true };
    const again = await reportOnCleaning(off.uncleaned, on, signal);
    expect(again.counts).toMatchObject({ html: 2, whitespace: 1, duplicates: 2 });
    expect(again.changed).toBe(3);
    expect(new Set(again.examples.map(({ row }) => row))).toEqual(new Set([41, 42, 43]));
    const stopped = AbortSignal.abort();
    await expect(reportOnCleaning(Array(300).fill(off.uncleaned).flat(), on, stopped)).rejects.toThrow();
  });

  it('refuses what leaves too little to learn from', async () => {
    const dataset = Dataset.create(await openDataset({ train: csv('text,label', rows) }));
    expect(() => dataset.withCleaning({ ...noCleaning, minWords: 5 })).toThrow(
      expect.objectContaining({ code: 'data/too-few-rows', remedy: expect.stringContaining('Clean less') }),
    );
  });
});

describe('columns', () => {
  it('join the texts of a pair, and leave out rows that lack one', async () => {
    const rows = plainRows(20).map(([text = '', label = ''], index) => [text, index === 3 ? ' ' : `second ${index}`, label]);
    const opened = await openDataset({ train: csv('premise,hypothesis,label', rows) });
    const pair = { text: 'premise', textPair: { column: 'hypothesis', joiner: ' | ' }, label: 'label' };
    const dataset = Dataset.create(opened, pair);
    expect(allTexts(dataset)).toContain('text number 0 | second 0');
    expect(allTexts(dataset)).toHaveLength(19);
    expect(dataset.otherColumns('train')).toEqual([]);
  });

  it('clean the texts of a pair each by itself', async () => {
    const rows = plainRows(20).map(([text = '', label = '']) => [`  ${text}`, '<b>  second</b> ', label]);
    const opened = await openDataset({ train: csv('premise,hypothesis,label', rows) });
    const pair = { text: 'premise', textPair: { column: 'hypothesis', joiner: '\n' }, label: 'label' };
    const cleaning = { ...noCleaning, html: true, whitespace: true };
    const dataset = Dataset.create(opened, pair, {}, cleaning);
    expect(allTexts(dataset)).toContain('text number 0\nsecond');
    const report = await reportOnCleaning(dataset.uncleaned, cleaning, signal);
    expect(report.counts).toMatchObject({ html: 20, whitespace: 20, control: 0 });
    const plain = await reportOnCleaning(dataset.uncleaned, noCleaning, signal);
    expect(plain.changed).toBe(0);
    expect(changePair(' a \n b  c ', '\n', (text) => text.trim())).toBe('a\nb  c');
    expect(changePair(' a ', '\n', (text) => text.trim())).toBe('a');
  });

  it('join label variants where asked, under the form that most rows have, and take names of the user', async () => {
    const labels = ['praise', 'praise', 'Praise ', ' complaint', 'complaint', 'complaint'];
    const rows = Array.from({ length: 60 }, (_, index) => [`text number ${index}`, labels[index % 6]!]);
    const opened = await openDataset({ train: csv('text,label', rows) });
    const mapping = { text: 'text', label: 'label' };
    const plain = Dataset.create(opened, mapping).summary();
    expect(plain.labels).toHaveLength(4);
    expect(plain.labelVariants).toHaveLength(2);
    expect(plain.warnings.map(({ code }) => code)).toContain('label-variants');
    const merged = Dataset.create(opened, { ...mapping, labelOptions: { ...plainLabels, mergeVariants: true } });
    expect(merged.summary().labels).toEqual([
      { name: 'complaint', count: 30 },
      { name: 'praise', count: 30 },
    ]);
    expect(merged.summary().joinedLabels).toContainEqual({ name: 'praise', written: ['praise', 'Praise '] });
    const names = [{ from: 'praise', to: 'thanks' }];
    const named = Dataset.create(opened, { ...mapping, labelOptions: { ...plainLabels, mergeVariants: true, names } });
    expect(named.labels).toEqual(['complaint', 'thanks']);
    const one = [...names, { from: 'complaint', to: 'thanks' }];
    expect(() =>
      Dataset.create(opened, { ...mapping, labelOptions: { mergeVariants: true, unlabelled: 'leave-out', names: one } }),
    ).toThrow(expect.objectContaining({ code: 'data/one-class' }));
  });

  it('make a class of rows without a label where asked', async () => {
    const rows = plainRows(30).map(([text = '', label = ''], index) => [text, index % 3 === 0 ? ' ' : label]);
    const opened = await openDataset({ train: csv('text,label', rows) });
    const mapping = { text: 'text', label: 'label' };
    expect(Dataset.create(opened, mapping).labels).toEqual(['even', 'odd']);
    const kept = Dataset.create(opened, { ...mapping, labelOptions: { ...plainLabels, unlabelled: 'class' } });
    expect(kept.summary().labels).toContainEqual({ name: 'no label', count: 10 });
  });

  it('explain numbers of many values, and warn of a rare class', async () => {
    const numbered = plainRows(100).map(([text = ''], index) => [text, String(index)]);
    const opened = await openDataset({ train: csv('text,id', numbered) });
    expect(() => Dataset.create(opened, { text: 'text', label: 'id' })).toThrow(
      expect.objectContaining({ code: 'data/too-many-classes', message: expect.stringContaining('whole numbers from 0 to 99') }),
    );
    const rare = plainRows(200).map(([text = ''], index) => [text, index < 3 ? 'danger' : 'other']);
    const { warnings } = Dataset.create(await openDataset({ train: csv('text,label', rare) })).summary();
    expect(warnings).toEqual([
      {
        code: 'class-imbalance',
        message: 'danger is 1.5 % of the rows: 3 of 200. A model that never says danger is right 98.5 % of the time.',
      },
    ]);
  });
});

describe('splits', () => {
  const authored = Array.from({ length: 300 }, (_, index) => [
    `text number ${index % 250}`,
    parity(index),
    `author ${index % 40}`,
  ]);

  it('keep a group in one part', async () => {
    const opened = await openDataset({ train: csv('text,label,author', authored) });
    const dataset = Dataset.create(opened).withSplit({ groupColumn: 'author' });
    const authors = splits.map((split) => new Set(dataset.columnOf(split, 'author')));
    expect(authors.map((set) => set.size).every((size) => size > 0)).toBe(true);
    expect(authors.reduce((sum, set) => sum + set.size, 0)).toBe(40);
    expect(dataset.summary()).toMatchObject({ groups: 40, splitMethod: 'by label, seed 42, no author in two parts' });
    expect(allTexts(dataset)).toHaveLength(300);
    // A column that becomes the label is no group any more.
    expect(dataset.withMapping({ text: 'text', label: 'author' }).splitOptions.groupColumn).toBeNull();
  });

  it('say so where all rows hang together', async () => {
    const joined = authored.map(([text = '', label = ''], index) => [text, label, `author ${index % 125}`]);
    const dataset = Dataset.create(await openDataset({ train: csv('text,label,author', joined) }));
    expect(dataset.withSplit({ groupColumn: 'author' }).summary().warnings).toEqual([]);
    const one = authored.map(([text = '', label = '']) => [text, label, 'author 1']);
    const stuck = Dataset.create(await openDataset({ train: csv('text,label,author', one) })).withSplit({
      groupColumn: 'author',
    });
    expect(stuck.count('validation')).toBe(0);
    expect(stuck.summary().warnings).toMatchObject([{ code: 'split-together' }]);
  });

  it('keep the same text in one part, and count those that stand in two', async () => {
    const opened = await openDataset({ train: csv('text,label,author', authored) });
    const plain = Dataset.create(opened);
    const lists = (dataset: Dataset) => splits.map((split) => dataset.texts(split));
    const spanning = await countTextsInTwoSplits(lists(plain), signal);
    const seen = splits.map((split) => new Set(plain.texts(split)));
    const expected = [...new Set(allTexts(plain))].filter((text) => seen.filter((set) => set.has(text)).length > 1);
    expect(spanning).toBe(expected.length);
    expect(spanning).toBeGreaterThan(0);
    expect(await countTextsInTwoSplits(lists(plain.withSplit({ sameTextTogether: true })), signal)).toBe(0);
  });

  it('leave training rows out whose text a given file has', async () => {
    const test = csv('text,label,author', [...authored.slice(0, 20), ['new text', 'even', 'author x']], 'test.csv');
    const opened = await openDataset({ train: csv('text,label,author', authored, 'train.csv'), test });
    const dataset = Dataset.create(opened).withSplit({ sameTextTogether: true });
    const tested = new Set(dataset.texts('test'));
    expect([...dataset.texts('train'), ...dataset.texts('validation')].some((text) => tested.has(text))).toBe(false);
    expect(dataset.summary().skipped).toContainEqual(expect.objectContaining({ code: 'in-another-split', count: 40 }));
    expect(dataset.count('test')).toBe(21);
    expect(dataset.withSplit({ groupColumn: 'author', sameTextTogether: false }).count('train')).toBeLessThan(160);
  });

  it('take so many rows of each class', async () => {
    const opened = await openDataset({ train: csv('text,label,author', authored) });
    const rowsPerClass = { train: 16, validation: 5, test: 7 };
    const summary = Dataset.create(opened).withSplit({ method: 'rows', rowsPerClass }).summary();
    expect(summary.splitCounts).toEqual({ train: [16, 16], validation: [5, 5], test: [7, 7] });
    expect(summary.unused).toBe(300 - 56);
    expect(summary.splitMethod).toBe('16, 5 and 7 rows of each class, seed 42');
  });
});

describe('browsing', () => {
  it('finds rows by words, class and part, in order of length, and writes them as CSV', async () => {
    const rows = [...plainRows(30), ['An Umbrella, left on the bus', 'odd'], ['=umbrella', 'even']];
    const dataset = Dataset.create(await openDataset({ train: csv('text,label', rows) }));
    const query = { search: 'umbrella', label: null, split: null, order: 'file' } as const;
    const found = await findRows(dataset, query, null, signal);
    expect(Array.from({ length: found.length }, (_, place) => showRow(dataset, found.at(place), '', null).row)).toEqual([31, 32]);
    const csvText = foundRowsAsCsv(dataset, found);
    expect(csvText).toContain('"An Umbrella, left on the bus"');
    expect(csvText).toContain("'=umbrella");
    expect((await findRows(dataset, { ...query, label: 'odd' }, null, signal)).length).toBe(1);
    const longest = await findRows(dataset, { search: '', label: null, split: null, order: 'longest' }, null, signal);
    expect(longest.length).toBe(32);
    expect(showRow(dataset, longest.at(0), '', (text) => text.length)).toMatchObject({ row: 31, tokens: 28, label: 'odd' });
    const parts = await Promise.all(splits.map((split) => findRows(dataset, { ...query, search: '', split }, null, signal)));
    expect(parts.map(({ length }) => length)).toEqual(splits.map((split) => dataset.count(split)));
  });
});
