import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../api/events';
import { defaultSettings } from '../api/model';
import { Session } from './session';

const folder = new URL('../../public/models/nano-gpt2/', import.meta.url);
const modelFiles = readdirSync(folder)
  .filter((name) => /\.(json|safetensors)$/.test(name))
  .map((name) => new File([readFileSync(new URL(name, folder))], name));

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
    await session.chooseModel({ kind: 'files', files: modelFiles });
    await session.loadDataset({ train: table(60) });
  });

  it('ends where the user stops it, and the dataset before stays', async () => {
    const reading = session.loadDataset({ train: table(300_000) });
    await new Promise((resolve) => setTimeout(resolve, 1));
    await session.cancelDataset();
    await expect(reading).rejects.toMatchObject({ code: 'data/cancelled' });
    expect((await session.describeDataset()).rows).toBe(60);
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
