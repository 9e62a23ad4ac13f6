import Papa from 'papaparse';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { LabelledTable, LabellingRequest } from '../../api/labelling';
import { defaultSettings } from '../../api/model';
import { noCleaning } from '../../api/cleaning';
import type { FileAppender } from '../../storage/fileRoom';
import { MemoryRoom } from '../../storage/memoryRoom';
import { tableFiles, type WrittenRow } from '../../testing/tableFiles';
import type { Labeller } from './labeller';
import { PredictionRoom } from './predictionRoom';

const { settings } = defaultSettings(null, 72);
const request: LabellingRequest = { source: 'result', model: 'tuned', columns: ['text'] };

/** Gives a text the class that its length says, and says so in the adapter. */
function labellerOf(labels: string[] = ['a', 'b'], adapter = 'zip'): Labeller {
  return {
    about: {
      runName: 'run', model: { name: 'nano', revision: null, file: null }, settings: { ...settings, gradientCheckpointing: false },
      labels, cleaning: noCleaning, joiner: '', adapter: new Blob([adapter]),
    }, // prettier-ignore
    isWaiting: () => false,
    label: async (texts, _, watch) => {
      if (!(await watch.proceed())) return null;
      const found = texts.map((text) => {
        const label = text.length % labels.length;
        const probabilities = labels.map((_, at) => (at === label ? 0.6 : 0.4 / (labels.length - 1)));
        return text.trim() === '' ? null : { label, probabilities };
      });
      return { labels: found, cut: texts.map(() => false) };
    },
  };
}

function visit(disk: MemoryRoom = new MemoryRoom(1e9)): PredictionRoom {
  return new PredictionRoom(
    () => {},
    async () => disk,
  );
}

const textOf = async (room: PredictionRoom): Promise<string> => (await (await room.file(null)).blob.text()).replace('\ufeff', '');
const cellsOf = (csv: string): string[][] => Papa.parse<string[]>(csv.trimEnd(), { header: false }).data;
/** As a spreadsheet may open it. */
const harmless = (text: string): string => (/^[=+@\t\r\n＝]|^-\D/.test(text) ? `'${text}` : text);

const oddTexts = ['=1+1', '+x', '-5', '-five', '@me', '＝1+1', '007', '1e5', 'a "quoted", b; c^d', "it's", '<b>&amp;</b>', '🦜 é', ' spaced ', 'last']; // prettier-ignore
const plainRows = oddTexts.map((text, row): WrittenRow => ({ text: `${text}`, label: ['neg', 'pos'][row % 2]! }));
const brokenRows = [...plainRows, { text: 'two\nlines', label: 'neg' }, { text: 'tab\tin it', label: 'pos' }, { text: '', label: 'neg' }]; // prettier-ignore

describe('a table of any format', () => {
  it.each([
    ['with line breaks in its cells', brokenRows],
    ['of plain cells', plainRows],
  ])('%s comes back with its own cells, in its own order', async (_, rows) => {
    for (const [kind, file] of tableFiles(rows)) {
      const room = visit();
      const table = await room.open({ file }, []);
      await room.label(request, labellerOf());
      const out = await textOf(room);
      const isOfObjects = kind.startsWith('JSON');
      expect([kind, table.output]).toEqual([kind, isOfObjects ? 'jsonl' : 'csv']);
      const given = (text: string): string[] => (text === '' ? ['', ''] : [['a', 'b'][text.length % 2]!, '0.600000']);
      if (isOfObjects) {
        const found = out.trimEnd().split('\n').map((line): Record<string, unknown> => JSON.parse(line)); // prettier-ignore
        expect([kind, found.map(({ text }) => text)]).toEqual([kind, rows.map(({ text }) => text)]);
        expect(found.map(({ predicted_label: label }) => label ?? '')).toEqual(rows.map(({ text }) => given(text)[0]));
        expect(found.map((row) => Object.keys(row).slice(-4))).toEqual(rows.map(() => ['predicted_label', 'probability', 'probability_a', 'probability_b'])); // prettier-ignore
      } else {
        const [header, ...cells] = cellsOf(out);
        const place = header?.indexOf('text') ?? -1;
        // Folders are read one after another.
        const wanted = kind === 'folders' ? rows.toSorted((a, b) => (a.label < b.label ? -1 : 1)) : rows;
        const found = kind === 'folders' ? cells.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)) : cells;
        expect([kind, found.map((row) => row[place])]).toEqual([kind, wanted.map(({ text }) => harmless(text))]);
        expect([kind, found.map((row) => row.slice(2, 4))]).toEqual([kind, wanted.map(({ text }) => given(text))]);
      }
    }
  });

  it('says what it cannot be', async () => {
    const room = visit();
    const book = zipSync({ '[Content_Types].xml': new Uint8Array(3), 'xl/workbook.xml': new Uint8Array(3) });
    await expect(room.open({ file: new File([book.slice()], 'a.xlsx') }, [])).rejects.toMatchObject({ code: 'data/unsupported-format', remedy: expect.stringContaining('CSV') }); // prettier-ignore
    const latin = new File([Uint8Array.from('text\ncaf\xe9\n', (letter) => letter.charCodeAt(0))], 'a.csv');
    await expect(room.open({ file: latin }, [])).rejects.toMatchObject({ code: 'data/not-utf8', details: { offer: 'windows-1252' } }); // prettier-ignore
    expect(await room.open({ file: latin, choices: { encoding: 'windows-1252' } }, [])).toMatchObject({ firstRows: [['café']] });
  });

  it('keeps the names of its columns, be they empty, there twice, or with space around them', async () => {
    const room = visit();
    await room.open({ file: new File([',text, probability ,text\n0,a,1,b\n'], 'frame.csv') }, []);
    await room.label({ ...request, columns: ['text (2)'] }, labellerOf());
    const header = cellsOf(await textOf(room))[0];
    expect(header?.slice(0, 6)).toEqual(['', 'text', ' probability ', 'text', 'predicted_label', 'probability_2']);
  });

  it('is written while it is read, whatever its size', async () => {
    const rows = Array.from({ length: 40_000 }, (_, row) => ({ id: row, text: `${'long '.repeat(20)}${row}` }));
    const pieces: number[] = [];
    class WatchedRoom extends MemoryRoom {
      override async append(name: string): Promise<FileAppender> {
        const file = await super.append(name);
        const write = file.write.bind(file);
        file.write = (bytes) => (pieces.push(bytes.length), write(bytes));
        return file;
      }
    }
    const room = visit(new WatchedRoom(1e9));
    const json = new File([JSON.stringify(rows)], 'a.json');
    expect(await room.open({ file: json }, ['text'])).toMatchObject({ rowCount: rows.length });
    expect(json.size).toBeGreaterThan(4e6);
    expect(Math.max(...pieces)).toBeLessThan(3e5);
  });
});

describe('hostile names', () => {
  const labels = ['=cmd|"/c calc"!A1', 'a: b', '<img src=x onerror=alert(1)>', 'two\nlines', '__proto__', 'it’s "quoted", é'];
  const columns = ['=HYPERLINK("x")', 'a: b', '<script>', 'two\r\nlines', '__proto__', 'text'];

  it('of classes and columns break neither table, and outlive a visit', async () => {
    const disk = new MemoryRoom(1e9);
    const room = visit(disk);
    const file = new File([Papa.unparse([columns, ...Array.from({ length: 12 }, (_, row) => [...columns.slice(0, 5), 'x'.repeat(row + 1)])])], 'a.csv'); // prettier-ignore
    expect((await room.open({ file }, [])).columns).toEqual(columns);
    const done = await room.label({ ...request, columns: ['text'] }, labellerOf(labels));
    const [header, ...rows] = cellsOf(await textOf(room));
    expect(header).toEqual([...columns, 'predicted_label', 'probability', ...labels.map((label) => `probability_${label}`)].map(harmless)); // prettier-ignore
    expect(rows.map((row) => row[6])).toEqual(Array.from({ length: 12 }, (_, row) => harmless(labels[(row + 1) % 6]!)));
    for (const row of rows) expect(row.slice(0, 5)).toEqual(columns.slice(0, 5).map(harmless));
    expect(await visit(disk).kept()).toEqual({ kind: 'labelled', labelled: done });
    const { rows: unsure } = await visit(disk).unsure({ below: 100, search: '__PROTO__', offset: 0, count: 9 });
    expect(unsure.map(({ label }) => label)).toEqual(['__proto__', '__proto__']);
  });

  it('come out of JSON lines as they went in', async () => {
    const room = visit();
    const row = Object.fromEntries(columns.map((name) => [name, 'x']));
    const line = `{${columns.map((name) => `${JSON.stringify(name)}:"x"`).join(',')}}`;
    await room.open({ file: new File([`${line}\n${line}\n`], 'a.jsonl') }, ['text']);
    await room.label(request, labellerOf(labels));
    for (const out of (await textOf(room)).trimEnd().split('\n')) {
      const found: Record<string, unknown> = JSON.parse(out);
      expect(found).toMatchObject({ text: row['text'], '<script>': 'x', predicted_label: 'a: b', 'probability_a: b': 0.6 });
      expect(out.startsWith(line.slice(0, -1))).toBe(true);
    }
  });
});

const manyRows = new File([`text\n${Array.from({ length: 400 }, (_, row) => `t${row}`).join('\n')}`], 'a.csv');

describe('a table that is stopped on its way', () => {
  it('goes on at the row where it stood, also in another visit, to the same table', async () => {
    const disk = new MemoryRoom(1e9);
    const asked: string[][] = [];
    const stopping = (room: PredictionRoom, stopAfter: number): Labeller => {
      const labeller = labellerOf();
      let windows = 0;
      const label: Labeller['label'] = async (texts, model, watch) => {
        asked.push([...texts]);
        const found = await labeller.label(texts, model, watch);
        if (++windows >= stopAfter) room.cancel();
        return found;
      };
      return { ...labeller, label };
    };
    const first = visit(disk);
    await first.open({ file: manyRows }, []);
    const stopped = await first.label(request, stopping(first, 2));
    expect(stopped.isFinished).toBe(false);
    expect(stopped.done).toBeGreaterThan(0);
    const second = visit(disk);
    expect(await second.kept()).toEqual({ kind: 'labelled', labelled: stopped });
    const made: unknown[] = [];
    const finished: LabelledTable = await second.resume(async ({ adapter, ...given }) => {
      made.push(given, await adapter.text());
      return stopping(second, Infinity);
    });
    const { adapter: _, ...wanted } = labellerOf().about;
    expect(made).toEqual([wanted, 'zip']);
    expect(finished).toMatchObject({ isFinished: true, done: 400 });
    // No row twice, none left out.
    expect(asked.flat()).toEqual(Array.from({ length: 400 }, (_, row) => `t${row}`));
    await second.discard();
    expect([await second.kept(), await disk.list()]).toEqual([null, []]);
  });

  it('while a run has the device is so at once', async () => {
    const room = visit();
    await room.open({ file: manyRows }, []);
    const waiting = { ...labellerOf(), isWaiting: () => true, label: () => new Promise<never>(() => {}) };
    const labelling = room.label(request, waiting);
    await expect.poll(async () => (await room.kept())?.kind).toBe('labelled');
    await expect(room.open({ file: manyRows }, [])).rejects.toMatchObject({ code: 'session/busy' });
    room.cancel();
    expect(await labelling).toMatchObject({ done: 0, isFinished: false });
  });

  it('by a full device between two adapters has no labels, rather than those of both', async () => {
    class FillingRoom extends MemoryRoom {
      isFull = false;
      override async append(name: string): Promise<FileAppender> {
        if (this.isFull && name === 'labelled') throw new DOMException('full', 'QuotaExceededError');
        return super.append(name);
      }
    }
    const disk = new FillingRoom(1e9);
    const room = visit(disk);
    await room.open({ file: manyRows }, []);
    await room.label(request, labellerOf(['a', 'b'], 'first'));
    disk.isFull = true;
    await expect(room.label(request, labellerOf(['a', 'b', 'c'], 'second'))).rejects.toThrow('full');
    expect(await visit(disk).kept()).toMatchObject({ kind: 'opened', table: { rowCount: 400 } });
  });
});

describe('a file that is no longer what was chosen', () => {
  it('leaves the table before as it is', async () => {
    const room = visit();
    await room.open({ file: manyRows }, []);
    class ChangedFile extends File {
      override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
        const start = super.stream().getReader();
        let isFirst = true;
        return new ReadableStream({
          async pull(controller) {
            if (!isFirst) return controller.error(new DOMException('It was changed.', 'NotReadableError'));
            isFirst = false;
            const { value } = await start.read();
            if (value) controller.enqueue(value);
          },
        });
      }
    }
    const changed = new ChangedFile([`text\n${'row\n'.repeat(300_000)}`], 'b.csv');
    await expect(room.open({ file: changed }, [])).rejects.toMatchObject({ code: 'data/unreadable', details: { file: 'b.csv' } });
    expect(await room.kept()).toMatchObject({ kind: 'opened', table: { name: 'a.csv' } });
  });
});
