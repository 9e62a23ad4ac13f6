import { describe, expect, it } from 'vitest';
import { Dataset } from './dataset';
import { openDataset } from './openDataset';

const fileOf = (content: string, name: string): File => new File([content], name);
const opened = async (content: string, name: string): Promise<Dataset> =>
  Dataset.create(await openDataset({ train: fileOf(content, name) }));

const paragraphs = Array.from({ length: 20 }, (_, index) => `Paragraph ${index}, first line;\r\nsecond line.`);

describe('a corpus', () => {
  it('of paragraphs has a text for each, in its order, and no labels', async () => {
    const dataset = await opened(`\ufeff${paragraphs.join('\r\n\r\n\r\n')}\r\n`, 'book.txt');
    expect(dataset.labels).toEqual([]);
    const summary = dataset.summary();
    expect(summary).toMatchObject({
      columns: ['text'],
      labels: [],
      mapping: { text: 'text', label: '' },
      rowCount: 20,
      skipped: [],
    });
    expect(summary.split).toEqual({ train: 16, validation: 2, test: 2 });
    expect(summary.splitMethod).toBe('at random, seed 42');
    const texts = [...dataset.examples('train'), ...dataset.examples('validation'), ...dataset.examples('test')];
    expect(new Set(texts.map(({ text }) => text))).toEqual(new Set(paragraphs.map((text) => text.replace('\r', ''))));
  });

  it('of few paragraphs has a text for each line', async () => {
    const dataset = await opened(Array.from({ length: 12 }, (_, index) => `Line ${index}.`).join('\n'), 'lines.txt');
    expect(dataset.summary().rowCount).toBe(12);
  });

  it('may be JSON lines, with labels or without', async () => {
    const rows = (extra: (index: number) => object): string =>
      Array.from({ length: 12 }, (_, index) => JSON.stringify({ ...extra(index), text: `Text ${index}\n"quoted"` })).join('\n');
    const plain = await opened(
      rows((index) => ({ id: index * 1.5, tags: ['x'] })),
      'a.jsonl',
    );
    expect(plain.summary()).toMatchObject({ columns: ['id', 'text'], mapping: { text: 'text', label: '' }, labels: [] });
    expect(plain.examples('train').every(({ text }) => /^Text \d+\n"quoted"$/.test(text))).toBe(true);
    const labelled = await opened(
      rows((index) => ({ label: index % 2 === 0 ? 'even' : 'odd' })),
      'a.ndjson',
    );
    expect(labelled.labels).toEqual(['even', 'odd']);
    expect(labelled.examples('train').every(({ text, label }) => Number(/\d+/.exec(text)?.[0]) % 2 === label)).toBe(true);
  });

  it('leaves out lines that are no object, and refuses a file without any', async () => {
    const rows = Array.from({ length: 12 }, (_, index) => `{"text": "Text ${index}"}`);
    const broken = ['["text"]', '{"text": ', '{"text": "a" "b"}'];
    const { skipped, rowCount } = (
      await opened([...rows.slice(0, 3), ...broken, ...rows.slice(3)].join('\n'), 'a.jsonl')
    ).summary();
    expect(rowCount).toBe(12);
    expect(skipped).toMatchObject([{ code: 'broken-json', count: 3, firstRow: 4 }]);
    await expect(openDataset({ train: fileOf('{"a\n{"b\n', 'a.jsonl') })).rejects.toMatchObject({ code: 'data/bad-json' });
    await expect(openDataset({ train: fileOf('\n\n', 'a.txt') })).rejects.toMatchObject({ code: 'data/empty-file' });
  });

  it('is not what a .txt with columns is', async () => {
    const rows = Array.from({ length: 12 }, (_, index) => `good text ${index}\t${index % 2}`);
    expect((await opened(['message\tkind', ...rows].join('\n'), 'table.txt')).labels).toEqual(['0', '1']);
  });
});
