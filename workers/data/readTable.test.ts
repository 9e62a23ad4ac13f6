import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { badFile, badFiles } from '../testing/badFiles';
import type { ReadOptions } from './decode';
import { readFile } from './readFile';
import type { Table } from './table';

const fileOf = (text: string | Uint8Array<ArrayBuffer>, name = 'file.csv'): File => new File([text], name);
const readTable = async (file: File, options?: ReadOptions): Promise<Table> => (await readFile(file, options)).train;
const columnOf = (table: Table, column: number): string[] =>
  Array.from({ length: table.rowNumbers.length }, (_, row) => table.values[column]!.at(row));
const rowsOf = (table: Table): string[][] =>
  Array.from({ length: table.rowNumbers.length }, (_, row) => table.values.map((column) => column.at(row)));

const wellFormed = (text: string): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string; remedy: string; details: object }> {
  const thrown = await promise.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => error,
  );
  return thrown as { code: string; message: string; remedy: string; details: object };
}

describe('readTable', () => {
  it('keeps values as they are written', async () => {
    const table = await readTable(fileOf('text,label\n" a, ""b""\r\nc ",1.0\n<br />,\n=1+1,true\n'));
    expect(table).toMatchObject({ columns: ['text', 'label'], format: 'UTF-8, comma', rowCount: 3 });
    expect([...table.rowNumbers]).toEqual([1, 2, 3]);
    expect([columnOf(table, 0), columnOf(table, 1)]).toEqual([
      [' a, "b"\r\nc ', '<br />', '=1+1'],
      ['1.0', '', 'true'],
    ]);
  });

  it.each([
    ['comma', ',', '\n', ''],
    ['semicolon', ';', '\r\n', '\ufeff'],
    ['tab', '\t', '\r', ''],
    ['bar', '|', '\n', '\ufeff'],
  ])('finds the delimiter %s', async (name, delimiter, lineEnd, mark) => {
    const others = ['one, two; three', '"four, five; six | seven\teight"', 'nine'].map((text) =>
      text.startsWith('"') ? text : text.replace(delimiter, ' '),
    );
    const lines = ['text', ...others].map((text, index) => `${text}${delimiter}${index === 0 ? 'label' : 'x'}`);
    const table = await readTable(fileOf(mark + lines.join(lineEnd)));
    expect(table).toMatchObject({ format: `UTF-8, ${name}`, columns: ['text', 'label'], rowCount: 3 });
    expect(table.skips.count).toBe(0);
    expect(columnOf(table, 0)).toEqual(others.map((text) => text.replaceAll('"', '')));
  });

  it('reads a semicolon file with a byte order mark and commas in its texts', async () => {
    const table = await readTable(fileOf('\ufefftext;label\r\n"a, b; c";pos\r\nd, e;neg\r\n'));
    expect(table.columns).toEqual(['text', 'label']);
    expect(rowsOf(table)).toEqual([
      ['a, b; c', 'pos'],
      ['d, e', 'neg'],
    ]);
  });

  it('reads tabs with quoting, and without where a quotation mark is a stray one', async () => {
    const quoted = await readTable(fileOf('text\tlabel\n"say ""a\tb"""\tpos\nc "d"\tneg\n'));
    expect(columnOf(quoted, 0)).toEqual(['say "a\tb"', 'c "d"']);
    const unquoted = await readTable(fileOf('text\tlabel\n"say" a b\tpos\nc "d"\tneg\n"open\tpos\n'));
    expect(columnOf(unquoted, 0)).toEqual(['"say" a b', 'c "d"', '"open']);
  });

  it('keeps a U+FEFF inside a text and drops only the byte order mark', async () => {
    const table = await readTable(fileOf('\ufefftext,label\n\ufeffa,b\n'));
    expect(rowsOf(table)).toEqual([['\ufeffa', 'b']]);
  });

  it('counts rows with too few and too many fields and leaves out blank lines', async () => {
    const table = await readTable(fileOf('text,label\na,x\n\nb\nc,y,z\nd,w\n\n'));
    expect(table.rowCount).toBe(4);
    expect([...table.rowNumbers]).toEqual([1, 4]);
    expect(table.skips.entries).toEqual([
      { code: 'too-few-fields', reason: 'with too few fields', count: 1, firstRow: 2, excerpt: 'b' },
      { code: 'too-many-fields', reason: 'with too many fields', count: 1, firstRow: 3, excerpt: 'c, y, z' },
    ]);
  });

  it('gives headers that are doubled or empty names of their own', async () => {
    expect((await readTable(fileOf('text, text ,,text (2)\na,b,c,d\n'))).columns).toEqual([
      'text',
      'text (2)',
      'column 3',
      'text (2) (2)',
    ]);
  });

  it('gives back any table that was written by the rules (property)', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('"', ',', '\n', '\r', '\r\n', ' ', 'ü', '😀', ';', 'a'), { maxLength: 8 })
        .map((parts) => parts.join('')),
    );
    const clean = cell.map((text) => wellFormed(text.replaceAll('\0', '')));
    const quote = (text: string, always: boolean): string =>
      always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const table = fc.array(fc.tuple(clean, clean, fc.boolean(), fc.constantFrom('\n', '\r\n', '\r')), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const text = rows.map(([a, b, always, end]) => `${quote(a, always)},${quote(b, always)}${end}`).join('');
        expect(rowsOf(await readTable(fileOf(`text,label\n${text}`)))).toEqual(rows.map(([a, b]) => [a, b]));
      }),
      { numRuns: 200 },
    );
  });

  it('lets other events through while it reads', async () => {
    let reading = true;
    let turns = 0;
    const timer = setInterval(() => (turns += reading ? 1 : 0), 1);
    const table = await readTable(fileOf(`text,label\n${'"some, sentence",pos\n'.repeat(400_000)}`));
    reading = false;
    clearInterval(timer);
    expect(table.rowCount).toBe(400_000);
    expect(turns).toBeGreaterThan(1);
  });

  it('stops when it is aborted and tells its progress', async () => {
    const controller = new AbortController();
    const big = fileOf(`text,label\n${'a sentence,pos\n'.repeat(100_000)}`);
    const seen: number[] = [];
    const reading = readTable(big, {
      signal: controller.signal,
      onProgress: ({ loadedBytes, totalBytes, rows }) => {
        expect(totalBytes).toBe(big.size);
        expect(rows).toBeGreaterThan(0);
        seen.push(loadedBytes);
        if (seen.length === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(reading).rejects.toThrow('enough');
    expect(seen).toHaveLength(3);
  });
});

describe('readTable on bad files', () => {
  it.each([
    ['empty', 'data/empty-file', {}],
    ['headerOnly', 'data/no-rows', { rowCount: 0 }],
    ['unbalancedQuotes', 'data/unbalanced-quotes', { line: 22, column: 1, excerptLine: 20, excerptColumn: 1 }],
    ['nulBytes', 'data/nul-byte', { line: 7, lines: '7,27,47', excerptLine: 5, excerptColumn: 9 }],
    ['latin1Bytes', 'data/not-utf8', { line: 42, excerptLine: 40, excerptColumn: 4 }],
  ] as const)('%s: %s', async (name, code, details) => {
    const error = await failure(readTable(badFile(name)));
    expect(error).toMatchObject({ code, details: { file: `${name}.csv`, ...details } });
    expect(error.message).toContain(`${name}.csv`);
    expect(error.remedy).not.toBe('');
  });

  it.each([
    ['oneMebibyteCell', 60, 2],
    ['labels500Distinct', 1000, 2],
    ['mixedLineEndings', 60, 2],
    ['formulaInjection', 64, 2],
    ['htmlScript', 63, 2],
    ['duplicateHeaders', 60, 3],
  ] as const)('%s is read whole', async (name, rows, columns) => {
    const table = await readTable(badFile(name));
    expect(table.columns).toHaveLength(columns);
    expect(table.rowNumbers).toHaveLength(rows);
    expect(table.rowCount).toBe(rows);
    expect(table.skips.count).toBe(0);
  });

  it('alters neither a cell of a mebibyte nor tags nor formulas', async () => {
    expect(columnOf(await readTable(badFile('oneMebibyteCell')), 0)[30]).toHaveLength(2 ** 20);
    const html = await readTable(badFile('htmlScript'));
    expect(columnOf(html, 0).slice(0, 3)).toEqual([
      '<script>alert(1)</script>',
      '"><svg onload=alert(1)>',
      'one<br />two &amp; {{three}} a < b',
    ]);
    expect(columnOf(await readTable(badFile('formulaInjection')), 0).slice(0, 4)).toEqual([
      '=1+1',
      '=HYPERLINK("http://example.invalid","x")',
      '@SUM(1)',
      '\t=1+1',
    ]);
    expect(columnOf(await readTable(badFile('mixedLineEndings')), 1)).toEqual(
      Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? 'pos' : 'neg')),
    );
  });

  it('names the line where a quotation mark opened that closes in the wrong place', async () => {
    const error = await failure(readTable(fileOf('text,label\na,x\n"b,y\nc,x\n"d",y\n')));
    expect(error).toMatchObject({ code: 'data/unbalanced-quotes', details: { line: 3, closedOnLine: 5 } });
  });

  it('refuses a record of more than 8 MiB and names its line', async () => {
    const open = await failure(readTable(fileOf(`text,label\na,x\n"${'some words\n'.repeat(900_000)}`)));
    expect(open).toMatchObject({ code: 'data/record-too-long', details: { line: 3, row: 2, insideQuotes: true } });
    const long = await failure(readTable(fileOf(`text,label\na,x\nb,y\n${'x'.repeat(9_000_000)},x\n`)));
    expect(long).toMatchObject({ code: 'data/record-too-long', details: { line: 4, insideQuotes: false } });
  });

  it('refuses other formats, files of one column and headers that fit no row', async () => {
    const refused = async (file: File): Promise<string> => (await failure(readTable(file))).code;
    expect(await refused(fileOf(Uint8Array.of(0x1f, 0x8b, 8, 0), 'a.csv.gz'))).toBe('data/damaged-file');
    expect(await refused(fileOf(new TextEncoder().encode('PAR1rest'), 'a.parquet'))).toBe('data/bad-parquet');
    expect(await refused(fileOf('%PDF-1.7', 'a.csv'))).toBe('data/unsupported-format');
    expect(await refused(fileOf('{"text":"a', 'a.json'))).toBe('data/bad-json');
    expect(await refused(fileOf('text\nonly this\n'))).toBe('data/no-columns');
    expect(await refused(fileOf('text,label\nonly this\n'))).toBe('data/no-rows');
    expect(await refused(fileOf('\n\n\r\n'))).toBe('data/empty-file');
  });

  it('finds the undecodable line with any line end, and a character cut off at the end', async () => {
    const bytes = new TextEncoder().encode('text,label\r\na,x\rb,y\nc,é');
    const cut = await failure(readTable(fileOf(bytes.slice(0, -1))));
    expect(cut).toMatchObject({ code: 'data/not-utf8', details: { line: 4 } });
    expect(badFiles.latin1Bytes.includes(0xe9)).toBe(true);
  });
});

describe('rows that break the rules of quoting', () => {
  const broken = 'text,label\na,x\n"open, y\nb,z\n"c",x\n"d" e,x\nf,y\n';

  it('are left out with their lines where the user asks for it, and reading goes on below', async () => {
    const error = await failure(readTable(fileOf(broken)));
    expect(error).toMatchObject({ details: { row: 2, line: 3, offer: 'leave-out-broken-rows' } });
    const table = await readTable(fileOf(broken), { leaveOutBrokenRows: true });
    expect(rowsOf(table)).toEqual([
      ['a', 'x'],
      ['b', 'z'],
      ['c', 'x'],
      ['f', 'y'],
    ]);
    expect([...table.rowNumbers]).toEqual([1, 3, 4, 6]);
    expect(table.skips.entries).toMatchObject([{ code: 'broken-quotes', count: 2, firstRow: 2, excerpt: '"open, y\n' }]);
  });

  it('are left out when the quotation mark would take in more than a record may have', async () => {
    const table = await readTable(fileOf(`text,label\na,x\n"${'some words,x\n'.repeat(800_000)}`), { leaveOutBrokenRows: true });
    expect(table.rowCount).toBe(800_001);
    expect(table.skips.entries).toMatchObject([{ code: 'broken-quotes', count: 1, firstRow: 2 }]);
  });
});

describe('the lines around the place of an error', () => {
  it('stand as they are in the file, control characters as symbols', async () => {
    const file = fileOf('text,label\r\na\tb,x\r\n"open,y\r\nc\u001b[31m,x\r\n"d",\u202ey\r\ne,x\r\n');
    const { details } = await failure(readTable(file));
    expect(details).toMatchObject({ line: 3, closedOnLine: 5, excerptLine: 1, excerptColumn: 1 });
    expect(details).toMatchObject({ excerpt: 'text,label\na␉b,x\n"open,y\nc␛[31m,x\n"d",␦y' });
  });

  it('are fewer at the ends of the file', async () => {
    expect(await failure(readTable(fileOf('"text,label\n')))).toMatchObject({
      details: { line: 1, excerptLine: 1, excerpt: '"text,label' },
    });
    expect(await failure(readTable(fileOf('text,label\na,b\nc,"d')))).toMatchObject({
      details: { line: 3, column: 3, excerptLine: 1, excerpt: 'text,label\na,b\nc,"d', excerptColumn: 3 },
    });
  });

  it('are cut around the mark, and a line as long as the file is not held', async () => {
    const long = `${'x'.repeat(500)},"${'😀'.repeat(200)}\n`;
    const { details } = await failure(readTable(fileOf(`text,label\n${'y'.repeat(300)},b\n${long}${'z'.repeat(2_000_000)},b\n`)));
    expect(details).toMatchObject({ line: 3, column: 502 });
    const { excerpt, excerptColumn } = details as { excerpt: string; excerptColumn: number };
    const lines = excerpt.split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(162);
    expect(lines[2]!.charAt(excerptColumn - 1)).toBe('"');
    expect(lines[2]!.startsWith('…xxx')).toBe(true);
    expect(lines[1]!.endsWith('y…')).toBe(true);
    expect(wellFormed(excerpt)).toBe(excerpt);
  });

  it('name the first damaged byte where the end of the file cuts a character', async () => {
    const { details } = await failure(readTable(fileOf(new TextEncoder().encode('text,label\na,é').slice(0, -1))));
    expect(details).toMatchObject({ line: 2, excerpt: 'text,label\na,\ufffd', excerptColumn: 3 });
  });
});
