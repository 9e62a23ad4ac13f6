import { gzipSync, strToU8, zipSync } from 'fflate';
import fc from 'fast-check';
import { parquetMetadata, type FileMetaData } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { describe, expect, it } from 'vitest';
import { csvCell } from '../api/csvCell';
import { TuneletError } from '../api/errors';
import { tableFiles } from '../testing/tableFiles';
import { Dataset } from './dataset';
import { openDataset } from './openDataset';
import { readFile } from './readFile';

const rows = Array.from({ length: 200 }, (_, index) => ({
  text: `a text of some words, number ${index}`,
  label: ['a', 'b', 'c'][index % 3]!,
}));
const files = tableFiles(rows);
const bytesOf = async (name: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await files.get(name)!.arrayBuffer());

/** "read", or the error's code; anything but a TuneletError fails, and so does taking long. */
async function outcome(...parts: BlobPart[]): Promise<string> {
  return await outcomeOf(new File(parts, 'hostile'));
}

async function outcomeOf(file: File): Promise<string> {
  const start = performance.now();
  try {
    await readFile(file);
    return 'read';
  } catch (thrown) {
    if (!(thrown instanceof TuneletError)) throw thrown;
    expect(thrown.message).toContain('hostile');
    expect(thrown.remedy).not.toBe('');
    return thrown.code;
  } finally {
    expect(performance.now() - start).toBeLessThan(10_000);
  }
}

const header = 'text,label\na,x\nb,y\n';

describe('delimited text', () => {
  it('with a cell of 50 MB, or a quotation mark open for 100 MB, is refused where the record begins', async () => {
    const words = new Blob([strToU8('some words in a row\n'.repeat(50_000))]);
    const cell = new File([header, '"', ...Array<Blob>(50).fill(words), '",x\n'], 'hostile.csv');
    await expect(readFile(cell)).rejects.toMatchObject({ code: 'data/record-too-long', details: { line: 4, row: 3 } });
    const open = new File([header, 'c,x\nd,"', ...Array<Blob>(100).fill(words)], 'hostile.csv');
    await expect(readFile(open)).rejects.toMatchObject({
      code: 'data/record-too-long',
      details: { line: 5, row: 4, offer: 'leave-out-broken-rows' },
    });
  });

  it('of 100,000 columns is refused by their number', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `c${index}`);
    expect(await outcomeOf(new File([`${names.join(',')}\n`], 'hostile.csv'))).toBe('data/too-many-columns');
    expect(await outcomeOf(new File([`${'c,'.repeat(100_000)}c\n`], 'hostile.csv'))).toBe('data/too-many-columns');
  });

  it('of millions of blank lines, or of delimiters alone, does not hold up the reader', async () => {
    const { train } = await readFile(new File([header, '\n'.repeat(5_000_000), 'c,z\n'], 'hostile.csv'));
    expect([train.rowNumbers.length, train.rowCount]).toEqual([3, 3]);
    expect(await outcome(header, ','.repeat(9_000_000))).toBe('data/record-too-long');
  });

  it('keeps headers such as __proto__, doubled ones by number', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `t ${index},${['__proto__', 'constructor'][index % 2]},u ${index}`);
    const file = new File([['__proto__,label,__proto__', ...lines].join('\n')], 'hostile.csv');
    const dataset = Dataset.create(await openDataset({ train: file }));
    const { columns, labels, warnings } = dataset.summary();
    expect(columns).toEqual(['__proto__', 'label', '__proto__ (2)']);
    expect(labels).toEqual([
      { name: '__proto__', count: 10 },
      { name: 'constructor', count: 10 },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['duplicate-column']);
  });

  it('with NULs, lone carriage returns and ragged rows is named or counted', async () => {
    expect(await outcome(`${header}c\0,x\n`)).toBe('data/nul-byte');
    const { train } = await readFile(new File(['text,label\ra,x\rb\rc,y,z\rd,x\r'], 'hostile'));
    expect([train.rowCount, train.rowNumbers.length]).toEqual([4, 2]);
    expect(train.skips.entries.map(({ code, firstRow }) => [code, firstRow])).toEqual([
      ['too-few-fields', 2],
      ['too-many-fields', 3],
    ]);
  });
});

describe('JSON', () => {
  const good = '{"text": "good", "label": "x"}';
  const lines = (...written: string[]): File => new File([[good, ...written, good].join('\n')], 'hostile.jsonl');

  it('lines that cannot be rows are left out and counted, each with its reason', async () => {
    const deep = `{"text": ${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`;
    const bad = [deep, '{"text": "cut', '{"text": "\\ud800"}', '{"text": 1e400}', '[1]', '{"text": "a\\u0000b"}', 'null'];
    const { train } = await readFile(lines(...bad));
    expect(train.rowNumbers.length).toBe(2);
    expect(train.skips.entries.map(({ code, count, firstRow }) => [code, count, firstRow])).toEqual([
      ['nested-too-deep', 1, 2],
      ['broken-json', 3, 3],
      ['half-a-character', 1, 4],
      ['number-too-large', 1, 5],
      ['nul-character', 1, 7],
    ]);
  });

  it('values of mixed types are texts, and names may be anything', async () => {
    const { train } = await readFile(
      lines('{"text": 5, "label": true, "__proto__": {"x": null}}', '{"label": {"a": 1}, "text": ["b"]}'),
    );
    expect(train.columns).toEqual(['text', 'label', '__proto__.x', 'label.a']);
    expect(train.values.map((column) => [column.at(1), column.at(2)])).toEqual([
      ['5', ''],
      ['true', ''],
      ['', ''],
      ['', '1'],
    ]);
  });

  it('a thousand columns that come late cost no more memory than may be held', async () => {
    const columns = `{${Array.from({ length: 990 }, (_, index) => `"c${index}":1`).join(',')}}\n`;
    const above = (rows: number): Blob => new Blob(['{"a":"x"}\n'.repeat(rows)]);
    const { train } = await readFile(new File([above(20_000), columns, good], 'hostile.jsonl'));
    expect([train.columns.length, train.rowNumbers.length]).toEqual([993, 20_002]);
    expect([19_999, 20_000, 20_001].map((row) => train.values[989]!.at(row))).toEqual(['', '1', '']);
    expect(await outcome(above(1_000_000), columns)).toBe('data/too-large');
  });

  it('numbers past all bounds are refused in lists too', async () => {
    expect(await outcome('{"text": ["a", "b"], "label": [1, 1e400]}')).toBe('data/bad-json');
  });

  it('a document that is cut off, too deep, or holds no table is refused', async () => {
    expect(await outcome('[{"text": "a"}, {"text": "b"')).toBe('data/bad-json');
    expect(await outcome('['.repeat(1_000_000))).toBe('data/bad-json');
    expect(await outcome(`{"a":`.repeat(100_000))).toBe('data/bad-json');
    expect(await outcome('["a", "b"]')).toBe('data/bad-json');
    expect(await outcome('{"a": ["x", "y"], "b": ["z"]}')).toBe('data/bad-json');
    expect(await outcome('{"a": [["x"]], "b": 1}')).toBe('data/empty-file');
    const long = new Blob([strToU8('x'.repeat(1024 * 1024))]);
    expect(await outcome('[{"text": "', ...Array<Blob>(12).fill(long), '"}]')).toBe('data/record-too-long');
    expect(await outcome('{"text": "a"}\n{"text": "', ...Array<Blob>(12).fill(long), '"}\n')).toBe('data/record-too-long');
  });
});

describe('archives', () => {
  it('that grow without end are stopped while they are unpacked', async () => {
    expect(await outcome(new Uint8Array(gzipSync(new Uint8Array(16 * 1024 * 1024).fill(97))))).toBe('data/bad-archive');
    const bomb = zipSync({ 'a.csv': new Uint8Array(16 * 1024 * 1024).fill(97) });
    expect(await outcome(new Uint8Array(bomb))).toBe('data/bad-archive');
  });

  it('with paths that lead out, archives within, spreadsheets, or nothing are refused', async () => {
    const zip = (names: string[]): Uint8Array<ArrayBuffer> =>
      new Uint8Array(zipSync(Object.fromEntries(names.map((name) => [name, strToU8(header)]))));
    expect(await outcome(zip(['../a.csv']))).toBe('data/bad-archive');
    expect(await outcome(zip(['/a.csv']))).toBe('data/bad-archive');
    expect(await outcome(zip(['a.csv', 'b.zip']))).toBe('data/bad-archive');
    expect(await outcome(zip(['[Content_Types].xml', 'xl/workbook.xml']))).toBe('data/unsupported-format');
    expect(await outcome(zip([]))).toBe('data/bad-archive');
    expect(await outcome(zip(['a.csv', 'b.csv']))).toBe('data/bad-archive');
    const plain = await bytesOf('gzip');
    expect(await outcome(new Uint8Array(gzipSync(plain)))).toBe('data/bad-archive');
    expect(await outcome(plain.slice(0, -20))).toBe('data/damaged-file');
    expect(await outcome(plain.slice(0, -1))).toBe('data/damaged-file');
  });

  it('that are encrypted, overlap or claim a million files are refused', async () => {
    const bytes = await bytesOf('zip of a table');
    const directory = bytes.lastIndexOf(0x50, bytes.length - 23);
    expect(directory).toBeGreaterThan(0);
    const altered = (change: (view: DataView, end: number) => void): Uint8Array<ArrayBuffer> => {
      const copy = bytes.slice();
      change(new DataView(copy.buffer), copy.length - 22);
      return copy;
    };
    const first = (view: DataView, end: number): number => view.getUint32(end + 16, true);
    expect(await outcome(altered((view, end) => view.setUint16(first(view, end) + 8, 1, true)))).toBe('data/bad-archive');
    expect(await outcome(altered((view, end) => view.setUint16(end + 10, 60_000, true)))).toBe('data/bad-archive');
    expect(await outcome(altered((view, end) => view.setUint32(first(view, end) + 24, 2 ** 31, true)))).toBe('data/bad-archive');
    const wide = new Uint8Array(bytes.length + 76);
    wide.set(bytes.subarray(0, bytes.length - 22));
    const view = new DataView(wide.buffer);
    const at = bytes.length - 22;
    view.setUint32(at, 0x06064b50, true);
    view.setBigUint64(at + 32, 1_000_000n, true);
    view.setBigUint64(at + 40, 46_000_000n, true);
    view.setUint32(at + 56, 0x07064b50, true);
    wide.set(bytes.subarray(-22), at + 76);
    view.setUint16(at + 76 + 10, 0xffff, true);
    expect(await outcome(wide)).toBe('data/bad-archive');
  });
});

describe('Parquet', () => {
  /** The same pages under another description. */
  async function described(change: (metadata: FileMetaData) => void): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await bytesOf('plain Parquet');
    const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
    const metadata = parquetMetadata(bytes.buffer);
    change(metadata);
    const writer = new ByteWriter();
    writer.appendBytes(bytes.subarray(0, bytes.length - 8 - footer));
    writeMetadata(writer, metadata);
    writer.appendUint32(0x31524150);
    return new Uint8Array(writer.getBuffer());
  }
  const chunkOf = (metadata: FileMetaData, column: number) => metadata.row_groups[0]!.columns[column]!.meta_data!;

  it('whose description lies is refused before memory is taken for it', async () => {
    expect(await outcome(await described(() => {}))).toBe('read');
    const lies: ((metadata: FileMetaData) => void)[] = [
      (metadata) => (metadata.num_rows = 1_000_000_000n),
      (metadata) => {
        metadata.num_rows = 5_000_000n;
        metadata.row_groups[0]!.num_rows = 5_000_000n - 103n;
      },
      (metadata) => (chunkOf(metadata, 0).total_compressed_size = 1n << 40n),
      (metadata) => (chunkOf(metadata, 0).data_page_offset = -5n),
      (metadata) => (chunkOf(metadata, 1).codec = 'GZIP'),
    ];
    for (const lie of lies) expect(await outcome(await described(lie))).toBe('data/bad-parquet');
    const bytes = await bytesOf('Parquet');
    const long = bytes.slice();
    new DataView(long.buffer).setUint32(long.length - 8, 2 ** 31, true);
    expect(await outcome(long)).toBe('data/bad-parquet');
    expect(await outcome(bytes.slice(0, Math.floor(bytes.length * 0.6)))).toBe('data/bad-parquet');
  });

  it('whose pages lie about their size or point outside their dictionary is refused', async () => {
    const bytes = await bytesOf('plain Parquet');
    const { meta_data: text } = parquetMetadata(bytes.buffer).row_groups[0]!.columns[0]!;
    const { meta_data: label } = parquetMetadata(bytes.buffer).row_groups[0]!.columns[1]!;
    // Behind the page's kind stand two sizes, each of two bytes here.
    const sizes = Number(text!.data_page_offset) + 3;
    for (const at of [sizes, sizes + 3]) {
      const lying = bytes.slice();
      lying.set([0xff, 0x7f], at);
      expect(await outcome(lying)).toBe('data/bad-parquet');
    }
    expect(label!.dictionary_page_offset).toBeDefined();
    const pointing = bytes.slice();
    const end = Number(label!.dictionary_page_offset) + Number(label!.total_compressed_size);
    // The last numbers of a page of two bits each; 3 is no place among three values.
    pointing.fill(0xff, end - 8, end);
    expect(await outcome(pointing)).toBe('data/bad-parquet');
  });
});

describe('a Parquet file of a few kilobytes', () => {
  it.each([1100, 97])('that repeats a text of 1 MB in groups of %i rows is named at once', async (rowGroupSize) => {
    const text = 'a tram, é '.repeat(100_000);
    const rows = Array.from({ length: 1100 }, (_, row) => row);
    const columnData = [
      { name: 'text', data: rows.map(() => text), type: 'STRING' as const },
      { name: 'label', data: rows.map((row) => (row % 2 ? 'a' : 'b')), type: 'STRING' as const },
    ];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec: 'SNAPPY', rowGroupSize }));
    expect(bytes.length).toBeLessThan(1_000_000);
    const began = process.cpuUsage();
    expect(await outcome(bytes)).toBe('data/too-large');
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});

describe('random damage', () => {
  const names = [...files.keys()].filter((name) => name !== 'UTF-16');

  it.each([...names, 'UTF-16'])('to %s gives rows or an error of our own (property)', async (name) => {
    const bytes = await bytesOf(name);
    const place = fc.integer({ min: 0, max: bytes.length - 1 });
    const change = fc.record({ at: place, to: fc.integer({ min: 0, max: 255 }) });
    const damage = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      length: fc.oneof(fc.constant(bytes.length), place),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ changes, length }) => {
        const damaged = bytes.slice();
        for (const { at, to } of changes) damaged[at] = to;
        await outcome(damaged.slice(0, length));
      }),
      { numRuns: Number(process.env['TUNELET_FUZZ_RUNS'] ?? 40) },
    );
  });
});

describe('an exported CSV', () => {
  it('makes no formula of a cell', () => {
    expect(['=1+1', '+1', '-1', '@a', '\t=1', 'a"b', 'plain, too'].map(csvCell)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@a",
      "'\t=1",
      '"a""b"',
      '"plain, too"',
    ]);
  });
});
