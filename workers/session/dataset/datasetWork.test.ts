import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import { nanoFiles } from '../../testing/nanoFiles';
import { Session } from '../session';

const row = (index: number): string => `a message of some words, number ${index}`;
const table = (rows: number): File =>
  new File([`text;label\n${Array.from({ length: rows }, (_, index) => `${row(index)};${index % 2}\n`).join('')}`], 'table.csv');
const grants = { memoryLimitBytes: null };

describe('long work on data', () => {
  const events: TrainerEvent[] = [];
  const session = new Session();
  const { settings } = defaultSettings(null, 1000);

  beforeAll(async () => {
    await session.connect((event) => void events.push(event), 'wasm', 'http://localhost/');
    await session.chooseModel({ kind: 'files', files: nanoFiles });
    await session.loadDataset({ train: table(60) });
  });

  it('ends where the user stops it, and the dataset before stays', async () => {
    const reading = session.loadDataset({ train: table(300_000) });
    await new Promise((resolve) => setTimeout(resolve, 1));
    await session.cancelDataset();
    await expect(reading).rejects.toMatchObject({ code: 'data/cancelled' });
    expect((await session.describeDataset()).rows).toBe(60);
  });

  it('of hostile files is refused by name, and the dataset before stays', async () => {
    const before = await session.describeDataset();
    const words = new Blob(['some words in a row\n'.repeat(50_000)]);
    const hostile: [string, BlobPart[]][] = [
      ['data/record-too-long', ['text,label\na,x\n"', ...Array<Blob>(10).fill(words)]],
      ['data/too-many-columns', [`${'c,'.repeat(100_000)}c\n`]],
      ['data/bad-json', ['['.repeat(1_000_000)]],
      ['data/bad-parquet', ['PAR1 and no end']],
      ['data/damaged-file', [Uint8Array.of(0x1f, 0x8b, 8, 0)]],
      ['data/bad-archive', [Uint8Array.of(0x50, 0x4b, 3, 4)]],
      ['data/nul-byte', [new Uint8Array(1000)]],
      ['data/float-labels', ['text,label\n', ...Array.from({ length: 40 }, (_, index) => `"${row(index)}",${index % 4}.5\n`)]],
    ];
    for (const [code, parts] of hostile) {
      const file = new File(parts, 'hostile.csv');
      const startMs = performance.now();
      await expect(session.loadDataset({ train: file })).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\w/) });
      expect(performance.now() - startMs, code).toBeLessThan(2000);
      expect(await session.describeDataset()).toEqual(before);
    }
  });

  it('counts tokens aloud, ends that for other data, and begins anew when it is asked again', async () => {
    await session.loadDataset({ train: table(20_000) });
    const planned = session.planRun(settings, grants);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await session.cancelDataset();
    await expect(planned).rejects.toMatchObject({ code: 'data/cancelled' });
    events.length = 0;
    const { tokens } = await session.planRun(settings, grants);
    expect(tokens.texts).toBe(20_000);
    const said = events.flatMap((event) => (event.kind === 'tokenise-progress' ? [event] : []));
    expect(said.at(-1)).toEqual({ kind: 'tokenise-progress', texts: 20_000, totalTexts: 20_000 });
    expect(said.map(({ texts }) => texts)).toEqual(said.map(({ texts }) => texts).toSorted((a, b) => a - b));
  });

  it('cleans in slices of time, says how far it is, and leaves the dataset as it was where it is stopped', async () => {
    const before = await session.loadDataset({ train: table(40_000) });
    const cleaning = { ...before.cleaning, html: true, whitespace: true, duplicates: true };
    events.length = 0;
    const cleaned = session.cleanDataset(cleaning);
    const browsed = session.browse({ search: '', label: null, split: null, order: 'file', offset: 0, count: 3 });
    await new Promise((resolve) => setTimeout(resolve, 1));
    await session.cancelDataset();
    await expect(cleaned).rejects.toMatchObject({ code: 'data/cancelled' });
    expect((await browsed)?.total).toBe(40_000);
    expect((await session.splitDataset({})).cleaning).toEqual(before.cleaning);

    events.length = 0;
    expect((await session.cleanDataset(cleaning)).cleaning).toEqual(cleaning);
    const said = events.flatMap((event) => (event.kind === 'change-progress' ? [event] : []));
    expect(said.length).toBeGreaterThan(1);
    expect(said.map(({ texts }) => texts)).toEqual(said.map(({ texts }) => texts).toSorted((a, b) => a - b));
    // Each text is looked at twice: for what it lacks, and cleaned.
    expect(said.at(-1)).toMatchObject({ texts: 80_000, totalTexts: 80_000 });
  });

  it('is overtaken by newer data: a change that was under way never takes their place', async () => {
    // So many that their splitting cannot be over before sixty rows are read.
    await session.loadDataset({ train: table(160_000) });
    const splitting = session.splitDataset({ sameTextTogether: true });
    const overtaken = expect(splitting).rejects.toMatchObject({ code: 'data/cancelled' });
    await session.loadDataset({ train: table(60) });
    await overtaken;
    expect((await session.describeDataset()).rows).toBe(60);
  });

  it.each(['prompt', 'text'] as const)('counts tokens for the task “%s” aloud, and stops when it is told to', async (task) => {
    await session.loadDataset({ train: table(20_000) });
    const asked = { ...settings, task, evalSteps: 0 };
    const planned = session.planRun(asked, grants);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await session.cancelDataset();
    await expect(planned).rejects.toMatchObject({ code: 'data/cancelled' });
    events.length = 0;
    await session.planRun(asked, grants);
    const said = events.flatMap((event) => (event.kind === 'tokenise-progress' ? [event] : []));
    expect(said.length).toBeGreaterThan(1);
    expect(said.at(-1)).toEqual({ kind: 'tokenise-progress', texts: 20_000, totalTexts: 20_000 });
  });

  it('lists the rows left out, safe to open in a spreadsheet', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `${row(index)};${index % 2}`);
    await session.loadDataset({ train: new File([['text;label', ...lines, '=1+1;', '-1'].join('\n')], 'table.csv') });
    const { name, blob } = await session.skippedRows();
    expect(name).toBe('table skipped rows.csv');
    expect((await blob.text()).split('\r\n')).toEqual([
      'file,row,reason,beginning',
      'table.csv,21,without a label,"\'=1+1, "',
      "table.csv,22,with too few fields,'-1",
      '',
    ]);
  });
});
