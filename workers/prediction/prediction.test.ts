import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFileRows } from '../data/readFile';
import { DiskRoom } from '../testing/diskRoom';
import { LabelledFile, type LabelledRow } from './labelledFile';
import { count, emptyTally, leastSure, marksOf, packMarks, percentOf } from './marks';
import { addedNames, OutputFormat } from './output';
import { fieldsOf, RowFile, RowFileWriter } from './rowFile';

let room: DiskRoom;
beforeEach(async () => {
  room = await DiskRoom.make();
});
afterEach(() => room.end());

interface Read {
  rows: string[][];
  lines: string[];
  writer: RowFileWriter;
}

async function read(name: string, content: BlobPart): Promise<Read> {
  const appender = await room.append('rows');
  const { rows: writer } = await readFileRows(new File([content], name), {}, () => {
    appender.clear();
    return new RowFileWriter(name, appender);
  });
  writer.flush();
  appender.close();
  const file = new RowFile((await room.read('rows')) ?? new Blob());
  const lines: string[] = [];
  for (let at = 0; ;) {
    const window = await file.window(at, 7);
    if (window.lines.length === 0) break;
    lines.push(...window.lines);
    at = window.ends.at(-1)!;
  }
  return { lines, writer, rows: lines.map((line) => fieldsOf(line, writer.form, writer.keys)) };
}

describe('a file of rows', () => {
  it('has the rows of a table in their order, whatever its format', async () => {
    const wanted = [
      ['1', 'a, "b"\nc'],
      ['2', '=1+1'],
    ];
    const csv = await read('a.csv', 'id,text\n1,"a, ""b""\nc"\n2,=1+1\n');
    expect([csv.writer.form, csv.writer.columns, csv.rows]).toEqual(['fields', ['id', 'text'], wanted]);
    const tabs = await read('a.tsv', 'id\ttext\n1\t"a"\n2\tb "c" d\n');
    expect(tabs.rows.map(([, text]) => text)).toEqual(['a', 'b "c" d']);
    const lines = await read('a.jsonl', '{"id":1,"text":"a, \\"b\\"\\nc"}\n{"text":"=1+1","id":2}\n');
    expect([lines.writer.form, lines.rows]).toEqual(['objects', wanted]);
    const pretty = await read(
      'a.json',
      JSON.stringify(
        [
          { id: 1, text: wanted[0]![1] },
          { id: 2, text: '=1+1' },
        ],
        null,
        2,
      ),
    );
    expect(pretty.rows).toEqual(wanted);
    const columns = await read('a.json', '{"id":[1,2],"text":["a, \\"b\\"\\nc","=1+1"]}');
    expect(columns.rows).toEqual(wanted);
    const plain = await read('a.txt', 'one line\nanother, with a comma.\n');
    expect([plain.writer.columns, plain.rows]).toEqual([['text'], [['one line'], ['another, with a comma.']]]);
    const zip = zipSync({ 'b/2.txt': strToU8('second'), 'b/1.txt': strToU8('first') });
    const texts = await read('a.zip', zip.slice());
    expect([texts.writer.columns, texts.rows]).toEqual([['file', 'text'], [['b/2.txt', 'second'], ['b/1.txt', 'first']]]); // prettier-ignore
  });

  it('reads a table of one column, which a dataset could not be', async () => {
    const { writer, rows } = await read('a.csv', 'text\ngood\nbad\n');
    expect([writer.columns, rows]).toEqual([['text'], [['good'], ['bad']]]);
  });

  it('leaves ragged rows out and counts them', async () => {
    const { rows, writer } = await read('a.csv', 'id,text\n1,a\n2\n3,c,d\n4,e\n');
    expect(rows).toEqual([['1', 'a'], ['4', 'e']]); // prettier-ignore
    expect(writer.skipped).toMatchObject([
      { code: 'too-few-fields', count: 1, firstRow: 2 },
      { code: 'too-many-fields', count: 1, firstRow: 3 },
    ]);
  });

  it('takes names such as __proto__ for names', async () => {
    const csv = await read('a.csv', '__proto__,constructor\nx,y\n');
    expect([csv.writer.columns, csv.rows]).toEqual([['__proto__', 'constructor'], [['x', 'y']]]);
    const json = await read('a.jsonl', '{"__proto__":"x","text":"y","list":[1]}\n{"text":"z"}\n');
    expect(json.writer.columns).toEqual(['__proto__', 'text']);
    expect(json.rows).toEqual([
      ['x', 'y'],
      ['', 'z'],
    ]);
    expect(json.writer.taken).toEqual(['__proto__', 'text', 'list']);
  });

  it('reads rows that are longer than a piece, and names several tables of an archive', async () => {
    const long = 'é'.repeat(700_000);
    const { rows } = await read('a.csv', `id,text\n1,${long}\n2,b\n`);
    expect(rows).toEqual([['1', long], ['2', 'b']]); // prettier-ignore
    const zip = zipSync({ 'a.csv': strToU8('text\na'), 'b.csv': strToU8('text\nb') });
    await expect(read('two.zip', zip.slice())).rejects.toMatchObject({ code: 'data/bad-archive', details: { tables: 2 } });
  });
});

describe('labelled rows as text', () => {
  const labels = ['neg', '=pos'];
  const found = { label: 1, probabilities: [0.25, 0.75] };

  it('names added columns beside those that are there', () => {
    expect(addedNames(labels, ['text'])).toEqual(['predicted_label', 'probability', 'probability_neg', 'probability_=pos']);
    expect(addedNames(['2'], ['probability', 'predicted_label'])).toEqual([
      'predicted_label_2',
      'probability_2',
      'probability_2_2',
    ]);
  });

  it('keeps cells from being formulas, and numbers as they are', () => {
    const csv = new OutputFormat('fields', labels, addedNames(labels, []));
    expect(csv.header(['=x', 'text'])).toBe("\ufeff'=x,text,predicted_label,probability,probability_neg,probability_=pos\r\n");
    expect(csv.row('', ['=1+1', '-5', '-5 apples', 'a,"b"'], found)).toBe(
      `'=1+1,-5,'-5 apples,"a,""b""",'=pos,0.750000,0.250000,0.750000\r\n`,
    );
    expect(csv.row('', ['@x'], null)).toBe("'@x,,,,\r\n");
  });

  it('adds members to objects without touching theirs', () => {
    const json = new OutputFormat('objects', ['a"b', '__proto__'], addedNames(['a"b', '__proto__'], []));
    const line = json.row('{"id": 12345678901234567890, "n": {"m": [1]} }', [], { label: 0, probabilities: [0.9, 0.1] });
    expect(line).toBe(
      '{"id": 12345678901234567890, "n": {"m": [1]},"predicted_label":"a\\"b","probability":0.900000,"probability_a\\"b":0.900000,"probability___proto__":0.100000}\n',
    );
    expect(json.row('{}', [], null)).toMatch(/^\{"predicted_label":null,/);
  });

  it('comes back from a spreadsheet’s CSV as it was, whatever the cells', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (cells) => {
        const row = new OutputFormat('fields', [], []).row('', cells, null);
        const parsed = parseCsv(row);
        expect(parsed.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))).toEqual(cells);
        for (const cell of parsed)
          expect(/^[=+\-@\t\r\n＝＋－＠]/.test(cell) && !/^[+-]?\d+([.,]\d+)?(e[+-]?\d+)?$/i.test(cell)).toBe(false);
      }),
    );
  });
});

/** One record by the rule of quotes alone. */
function parseCsv(record: string): string[] {
  const cells: string[] = [];
  let rest = record.slice(0, -2);
  for (;;) {
    const match = rest.startsWith('"') ? /^"((?:[^"]|"")*)"/.exec(rest) : /^[^,]*/.exec(rest);
    const whole = match?.[0] ?? '';
    cells.push(rest.startsWith('"') ? (match?.[1] ?? '').replaceAll('""', '"') : whole);
    if (whole.length === rest.length) return cells;
    rest = rest.slice(whole.length + 1);
  }
}

const rowOf = (index: number): LabelledRow => ({
  written: `row ${index}\n`,
  label: index % 5 === 4 ? null : index % 2,
  probability: index % 5 === 4 ? 0 : 0.5 + (index % 50) / 100,
  isCut: index % 10 === 0,
  rowEnd: (index + 1) * 10,
});

describe('a labelled file', () => {
  it('goes on where it stood, whatever a crash left of the last rows', async () => {
    const labelled = await LabelledFile.begin(room, 'head\n', 2);
    const first = await labelled.open();
    first.write([0, 1, 2].map(rowOf));
    first.write([3, 4].map(rowOf));
    first.close();
    const whole = await (await labelled.out()).text();
    // Rows without marks, and half a mark.
    for (const [name, bytes] of [
      ['labelled', 'row 5\nro'],
      ['marks', 'half a mark'],
    ] as const) {
      const file = await room.append(name);
      file.write(new TextEncoder().encode(bytes));
      file.close();
    }
    expect((await labelled.tally()).done).toBe(5);
    const second = await new LabelledFile(room, 'head\n', 2).open();
    expect([second.done, second.rowEnd]).toEqual([5, 50]);
    second.write([5].map(rowOf));
    second.close();
    expect(await (await labelled.out()).text()).toBe(`${whole}row 5\n`);
    // Marks without their rows.
    const cut = await room.append('labelled');
    cut.cutTo(whole.length - 1);
    cut.close();
    const third = await labelled.open();
    expect(third.done).toBe(4);
    third.close();
    expect(await (await labelled.out()).text()).toBe('head\nrow 0\nrow 1\nrow 2\nrow 3\n');
  });

  it('counts, lists the least sure first, and gives them as a file in their order', async () => {
    const labelled = await LabelledFile.begin(room, 'head\n', 2);
    const writer = await labelled.open();
    const rows = Array.from({ length: 300 }, (_, index) => rowOf(index));
    writer.write(rows);
    writer.close();
    const tally = await labelled.tally();
    const sure = (row: LabelledRow): number => Math.min(100, Math.floor(Math.fround(row.probability) * 100));
    const unsure = rows.filter((row) => row.label !== null && sure(row) < 60);
    expect(tally).toMatchObject({ done: 300, withoutText: 60, cut: 30 });
    expect(tally.counts).toEqual([0, 1].map((label) => rows.filter((row) => row.label === label).length));
    expect(tally.sureness.slice(0, 60).reduce((sum, many) => sum + many, 0)).toBe(unsure.length);
    const { found, total } = await leastSure(labelled.marks(), 60, 7);
    expect([found.length, total]).toEqual([7, unsure.length]);
    const order = unsure.toSorted((a, b) => a.probability - b.probability || a.rowEnd - b.rowEnd).slice(0, 7);
    expect(found.map(({ rowEnd, rowStart }) => [rowStart, rowEnd])).toEqual(order.map(({ rowEnd }) => [rowEnd - 10, rowEnd]));
    expect(await (await labelled.unsure(60)).text()).toBe(`head\n${unsure.map(({ written }) => written).join('')}`);
  });

  it('holds no more marks than are wanted, and counts a probability where its per cent is', async () => {
    const marks = Array.from({ length: 1000 }, (_, index) => ({ label: 0, probability: (1000 - index) / 1000, isCut: false, rowEnd: index + 1, outEnd: index + 1 })); // prettier-ignore
    const blob = new Blob([packMarks(marks).slice()]);
    const { found, total } = await leastSure(marksOf(blob, 0), 101, 3);
    expect([total, found.map(({ index }) => index)]).toEqual([1000, [999, 998, 997]]);
    expect([0, 0.009, 0.295, 0.999, 1].map(percentOf)).toEqual([0, 0, 29, 99, 100]);
    const tally = emptyTally(1);
    for (const mark of marks) count(tally, mark);
    expect(tally.sureness[100]).toBe(1);
  });
});
