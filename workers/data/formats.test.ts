import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableFiles, type WrittenRow } from '../testing/tableFiles';
import { Dataset } from './dataset';
import { openDataset } from './openDataset';
import { readFile } from './readFile';
import { reportOn } from './report';

const subjects = [
  'the tram',
  'the ferry, late;',
  'a "quiet" lift',
  'the\ufeff café',
  'l’été 😀',
  '  a  wide\u00a0space ',
  "=1+1 isn't",
  '<b>bold</b> & co',
];
const rows: WrittenRow[] = Array.from({ length: 200 }, (_, index) => ({
  text: `${subjects[index % subjects.length]} of day ${index}`,
  label: index % 3 === 0 ? 'pos' : 'neg',
}));

/** The rows' hash by its definition, as another would compute it. */
function hashOf(written: readonly WrittenRow[]): string {
  const lines = written.map(({ text, label }) => Buffer.from(`${text}\0${label}\n`));
  return createHash('sha256')
    .update(Buffer.concat(lines.toSorted(Buffer.compare)))
    .digest('hex');
}

const files = tableFiles(rows);

describe('the same 200 rows', () => {
  it.each([...files.keys()])('as %s are the same dataset', async (name) => {
    const dataset = Dataset.create(await openDataset({ train: files.get(name)! }));
    const report = await reportOn(dataset);
    expect(report).toEqual({
      rows: 200,
      columns: { text: 'text', label: 'label' },
      labels: { neg: 133, pos: 67 },
      splits: { train: 160, validation: 20, test: 20 },
      skipped: [],
      warnings: [],
      hash: hashOf(rows),
    });
  });

  it('are read from windows-1252 where the user says so, and offered where UTF-8 fails', async () => {
    const bytes = Uint8Array.from('text,label\n' + 'café \x93x\x94,a\nthé,b\n'.repeat(20), (character) =>
      character.charCodeAt(0),
    );
    const file = new File([bytes], 'old.csv');
    await expect(openDataset({ train: file })).rejects.toMatchObject({
      code: 'data/not-utf8',
      details: { line: 2, offer: 'windows-1252' },
    });
    const opened = await openDataset({ train: file }, { encoding: 'windows-1252' });
    expect(opened.tables.train.format).toBe('windows-1252, comma');
    expect(Dataset.create(opened).summary().preview[0]).toEqual({ row: 1, text: 'café “x”', label: 'a' });
  });

  it('in several files are one table', async () => {
    const halves = [rows.slice(0, 120), rows.slice(120)].map((half) => tableFiles(half));
    for (const name of ['comma', 'Parquet', 'JSON lines']) {
      const [train, next] = halves.map((half) => half.get(name)!);
      const report = await reportOn(Dataset.create(await openDataset({ train: train!, furtherParts: { train: [next!] } })));
      expect(report, name).toMatchObject({ rows: 200, hash: hashOf(rows) });
    }
    const [table] = halves;
    const other = new File(['message;kind\na;b\n'], 'other.csv');
    const opening = openDataset({ train: table!.get('comma')!, furtherParts: { train: [other] } });
    await expect(opening).rejects.toMatchObject({ code: 'data/missing-column' });
  });

  it('of an archive with splits keep them', async () => {
    const { zipSync, strToU8 } = await import('fflate');
    const part = (count: number): Uint8Array =>
      strToU8(
        `text,label\n${rows
          .slice(0, count)
          .map(({ label }, index) => `text ${count}-${index},${label}\n`)
          .join('')}`,
      );
    const zip = zipSync({
      'set/train.csv': part(60),
      'set/dev.csv': part(20),
      'set/test.csv': part(10),
      '__MACOSX/set/._train.csv': part(1),
    });
    const dataset = Dataset.create(await openDataset({ train: new File([new Uint8Array(zip)], 'set.zip') }));
    expect(dataset.summary()).toMatchObject({ split: { train: 60, validation: 20, test: 10 }, splitMethod: 'given files' });
    const texts = zipSync({
      'aclImdb/train/pos/1.txt': strToU8('good'),
      'aclImdb/train/neg/2.txt': strToU8('bad\n'),
      'aclImdb/test/pos/3.txt': strToU8('fine'),
      'aclImdb/README': strToU8('about'),
    });
    const folders = await readFile(new File([new Uint8Array(texts)], 'texts.zip'));
    expect([folders.train.rowCount, folders.test?.rowCount]).toEqual([2, 1]);
    expect(folders.train.values.map((column) => [column.at(0), column.at(1)])).toEqual([
      ['good', 'bad'],
      ['pos', 'neg'],
    ]);
  });
});

describe('random tables', () => {
  const cell = fc
    .array(
      fc.constantFrom(
        'a',
        'B',
        ' ',
        'é',
        '漢',
        '😀',
        ',',
        ';',
        '\t',
        '|',
        '^',
        '"',
        "'",
        '\n',
        '\\',
        '{',
        '[',
        '=',
        '\ufeff',
        '\u2028',
        '#',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  const row = fc.record({ text: cell.map((text) => `x${text}`), label: fc.constantFrom('one', 'two', 'three') });
  // Enough of them, or a delimiter cannot be told.
  const table = fc.array(row, { minLength: 8, maxLength: 40 });

  it('come back from every format as they were written (property)', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (written) => {
        for (const [name, file] of tableFiles(written)) {
          if (!holds(name, written)) continue;
          const { columns, values, rowNumbers, skips } = (await readFile(file)).train;
          expect(skips.count, name).toBe(0);
          const place = (column: string): number => columns.indexOf(column);
          const read = Array.from({ length: rowNumbers.length }, (_, index) => ({
            text: values[place('text')]!.at(index),
            label: values[place('label')]!.at(index),
          }));
          const sorted = (list: readonly WrittenRow[]): string[] => list.map(({ text, label }) => `${text}\0${label}`).toSorted();
          expect(sorted(read), name).toEqual(sorted(written));
        }
      }),
      { numRuns: Number(process.env['TUNELET_FUZZ_RUNS'] ?? 40) },
    );
  });
});

/** A text that ends in a line end cannot be told from an editor's, and some tables look like others. */
function holds(name: string, rows: readonly WrittenRow[]): boolean {
  const texts = rows.map(({ text }) => text).join('');
  if (name === 'folders') return new Set(rows.map(({ label }) => label)).size > 1;
  // Without quoting, a quotation mark at a field's start is a stray one.
  if (name === 'unquoted tabs') return !texts.includes('"');
  return true;
}
