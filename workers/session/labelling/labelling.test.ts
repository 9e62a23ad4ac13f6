import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import { LabellingPace } from './labellingPace';
import { nanoFiles } from '../../testing/nanoFiles';
import { nanoSession } from '../../testing/nanoSession';
import { Session } from '../session';

const kinds = ['card', 'cash', 'transfer'];
const csv = [
  'message,label',
  ...Array.from({ length: 90 }, (_, row) => `My ${kinds[row % 3]} NUMBER ${row} did not arrive,${kinds[row % 3]}`),
].join('\n');
const settings: TrainingSettings = {
  ...defaultSettings(null, 72).settings,
  maxSteps: 12,
  learningRate: 5e-3,
  evalSteps: 12,
  maxLength: 24,
};
const grants = { memoryLimitBytes: null };
const events: TrainerEvent[] = [];
const session = new Session();

async function connected(of: Session, withData: boolean): Promise<Session> {
  return nanoSession(withData ? new File([csv], 'bank.csv') : null, (event) => void events.push(event), of);
}

beforeAll(async () => {
  await connected(session, true);
  await session.cleanDataset({ ...(await session.mapColumns({ text: 'message', label: 'label' })).cleaning, lowercase: true });
  await session.start(settings, 'fresh', grants);
}, 120_000);

const unlabelled = [
  'id,=sum,message,probability',
  ...Array.from(
    { length: 150 },
    (_, row) => `${row},=A${row},Where is my ${kinds[row % 3]} number ${row}${' now'.repeat(row % 7)}?,x`,
  ),
  '150,,,x',
  '151,ragged',
].join('\n');

async function rowsOf(of: Session): Promise<string[][]> {
  const text = await (await of.labelledFile(null)).blob.text();
  return text
    .replace('\ufeff', '')
    .split('\r\n')
    .slice(0, -1)
    .map((line) => line.split(','));
}

describe('labelling a table', () => {
  it('gives every row, in order, the class that the playground gives its text', async () => {
    const table = await session.openUnlabelled({ file: new File([unlabelled], 'mail.csv') });
    expect(table).toMatchObject({ rowCount: 151, output: 'csv', guess: { column: 'message', reason: expect.stringContaining('learned') } }); // prettier-ignore
    expect(table.skipped).toMatchObject([{ code: 'too-few-fields', count: 1, firstRow: 152 }]);
    expect(await session.keptLabelling()).toEqual({ kind: 'opened', table });
    const labelled = await session.labelTable({ source: 'result', model: 'tuned', columns: ['message'] });
    expect(labelled).toMatchObject({ done: 151, isFinished: true, withoutText: 1, cut: 0, labels: kinds });
    expect(labelled.added).toEqual(['predicted_label', 'probability_2', ...kinds.map((kind) => `probability_${kind}`)]);
    const [header, ...rows] = await rowsOf(session);
    expect(header).toEqual(['id', "'=sum", 'message', 'probability', ...labelled.added]);
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 151 }, (_, row) => String(row)));
    expect(rows[3]?.[1]).toBe("'=A3");
    expect(rows[150]?.slice(4)).toEqual(['', '', '', '', '']);
    for (const row of [0, 6, 77, 149]) {
      const { tuned } = await session.predict(rows[row]?.[2] ?? '');
      const best = tuned.reduce((first, second) => (second.probability > first.probability ? second : first));
      expect(rows[row]?.[4]).toBe(best.label);
      tuned.forEach(({ probability }, index) => expect(Number(rows[row]?.[6 + index])).toBeCloseTo(probability, 4));
    }
    expect(labelled.counts).toEqual(kinds.map((kind) => rows.filter((row) => row[4] === kind).length));
    const told = events.flatMap((event) => (event.kind === 'labelling-progress' ? [event.progress] : []));
    expect(told.at(-1)).toMatchObject({ phase: 'labelling', done: 151, total: 151, secondsLeft: 0 });
  }, 60_000);

  it('lists the least sure rows first, finds words in them, and gives them as a file', async () => {
    const [, ...rows] = await rowsOf(session);
    const sorted = rows.slice(0, 150).toSorted((a, b) => Number(a[5]) - Number(b[5]));
    const all = await session.unsureRows({ below: 101, search: '', offset: 0, count: 3 });
    expect(all).toMatchObject({ below: 150, listed: 150, matching: 150 });
    expect(all.rows.map(({ probability }) => probability.toFixed(6))).toEqual(sorted.slice(0, 3).map((row) => row[5]));
    const found = await session.unsureRows({ below: 101, search: 'NUMBER 149', offset: 0, count: 10 });
    expect(found.rows).toMatchObject([{ row: 150, text: rows[149]?.[2], label: rows[149]?.[4] }]);
    const median = Math.floor(Number(sorted[75]?.[5]) * 100);
    const review = (await (await session.labelledFile(median)).blob.text()).split('\r\n').slice(1, -1);
    expect(review).toEqual(rows.slice(0, 150).filter((row) => Math.floor(Number(row[5]) * 100) < median).map((row) => row.join(','))); // prettier-ignore
  }, 60_000);

  it('labels by the base model, and JSON lines as JSON lines', async () => {
    const lines = Array.from({ length: 20 }, (_, row) => `{"n": 1234567890123456789${row}, "list": [${row}], "message": "my ${kinds[row % 3]}"}`); // prettier-ignore
    await session.openUnlabelled({ file: new File([lines.join('\n')], 'mail.jsonl') });
    await session.labelTable({ source: 'result', model: 'base', columns: ['message'] });
    const { blob, name } = await session.labelledFile(null);
    expect(name).toBe('mail labelled.jsonl');
    const out = (await blob.text()).trimEnd().split('\n');
    out.forEach((line, row) => expect(line.startsWith(lines[row]?.slice(0, -1) ?? '-')).toBe(true));
    const { base } = await session.predict('my card');
    const first: unknown = JSON.parse(out[0] ?? '');
    expect(first).toMatchObject({ probability_card: expect.closeTo(base[0]?.probability ?? NaN, 4) });
  }, 60_000);

  it('says what is missing: a column, rows, a model with classes', async () => {
    await expect(session.openUnlabelled({ file: new File(['id,text\n'], 'none.csv') })).rejects.toMatchObject({ code: 'data/no-rows' }); // prettier-ignore
    // The table before is still there.
    expect(await session.keptLabelling()).toMatchObject({ kind: 'labelled', labelled: { table: { name: 'mail.jsonl' } } });
    await expect(session.labelTable({ source: 'result', model: 'tuned', columns: ['text'] })).rejects.toMatchObject({ code: 'data/missing-column' }); // prettier-ignore
    await session.openUnlabelled({ file: new File(['__proto__,b\nx,y\n'], 'odd.csv') });
    await expect(session.labelTable({ source: 'result', model: 'tuned', columns: ['text'] })).rejects.toMatchObject({ code: 'data/missing-column' }); // prettier-ignore
    await session.labelTable({ source: 'result', model: 'tuned', columns: ['__proto__'] });
    expect((await rowsOf(session))[0]?.slice(0, 3)).toEqual(['__proto__', 'b', 'predicted_label']);
  }, 60_000);

  it('labels by an imported adapter without any dataset, to the same bytes, however many rows are taken at once', async () => {
    await session.openUnlabelled({ file: new File([unlabelled], 'mail.csv') });
    const outputs: string[] = [];
    for (const rows of [3, 1000]) {
      const atOnce = vi.spyOn(LabellingPace.prototype, 'rowsAtOnce', 'get').mockReturnValue(rows);
      await session.labelTable({ source: 'result', model: 'tuned', columns: ['message'] });
      atOnce.mockRestore();
      outputs.push(await (await session.labelledFile(null)).blob.text());
    }
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const other = await connected(new Session(), false);
    await other.importAdapter([new File([blob], name)]);
    await other.openUnlabelled({ file: new File([unlabelled], 'mail.csv') });
    await other.labelTable({ source: 'adapter', model: 'tuned', columns: ['message'] });
    outputs.push(await (await other.labelledFile(null)).blob.text());
    expect(outputs[0]?.split('\r\n')).toHaveLength(153);
    expect(new Set(outputs).size).toBe(1);
  }, 60_000);
});

describe('a table of pairs', () => {
  it('is read from two columns, also by an adapter that learned from them elsewhere', async () => {
    const table = ['premise,note,hypothesis', ...Array.from({ length: 30 }, (_, row) => `My ${kinds[row % 3]},${row},is ${row % 7 ? 'late' : ''}`)].join('\n'); // prettier-ignore
    const paired = new File([csv.replace('message,label', 'premise,hypothesis,label').replaceAll(' did not', ',did not')], 'pairs.csv'); // prettier-ignore
    const here = new Session();
    await here.connect(() => {}, 'wasm', 'http://localhost/');
    await here.loadDataset({ train: paired });
    await here.chooseModel({ kind: 'files', files: nanoFiles });
    const textPair = { column: 'hypothesis', joiner: ' / ' };
    await here.mapColumns({ text: 'premise', textPair, label: 'label' });
    await here.start({ ...settings, maxSteps: 3, evalSteps: 3 }, 'fresh', grants);
    const { blob, name } = await here.exportAdapter(defaultSlices);
    const there = await connected(new Session(), false);
    expect(await there.importAdapter([new File([blob], name)])).toMatchObject({ textColumn: 'premise', textPair });
    const outputs: string[] = [];
    for (const [visit, source] of [
      [here, 'result'],
      [there, 'adapter'],
    ] as const) {
      expect(await visit.openUnlabelled({ file: new File([table], 'more.csv') })).toMatchObject({ guess: { column: 'premise' } });
      const done = await visit.labelTable({ source, model: 'tuned', columns: ['premise', 'hypothesis'] });
      expect(done).toMatchObject({ withoutText: 0 });
      outputs.push(await (await visit.labelledFile(null)).blob.text());
    }
    expect(outputs[0]).toBe(outputs[1]);
    const [, ...rows] = await rowsOf(there);
    const { tuned } = await here.predict(['My cash', 'is late']);
    tuned.forEach(({ probability }, index) => expect(Number(rows[1]?.[5 + index])).toBeCloseTo(probability, 4));
  }, 60_000);
});

describe('a table labelled by prompt', () => {
  it('gets the labels that the playground gives, also once the run is opened again', async () => {
    const template = '{text}. It is about the {label}';
    await session.start({ ...settings, task: 'prompt', promptTemplate: template, maxSteps: 1, maxLength: 40 }, 'fresh', grants);
    await session.openUnlabelled({ file: new File([unlabelled.split('\n').slice(0, 21).join('\n')], 'mail.csv') });
    await session.labelTable({ source: 'result', model: 'tuned', columns: ['message'] });
    const [, ...rows] = await rowsOf(session);
    const { tuned } = await session.predict(rows[3]?.[2] ?? '');
    tuned.forEach(({ probability }, index) => expect(Number(rows[3]?.[6 + index])).toBeCloseTo(probability, 4));
    const { runs } = await session.listRuns();
    await session.openRun(runs[0]?.id ?? '');
    await session.labelTable({ source: 'result', model: 'tuned', columns: ['message'] });
    const [, ...again] = await rowsOf(session);
    expect(again.map((row) => row[4])).toEqual(rows.map((row) => row[4]));
  }, 60_000);

  it('is not what a model of plain text can do', async () => {
    await session.start({ ...settings, task: 'text', maxSteps: 1 }, 'fresh', grants);
    const labelling = session.labelTable({ source: 'result', model: 'tuned', columns: ['message'] });
    await expect(labelling).rejects.toMatchObject({ code: 'run/not-ready', message: expect.stringContaining('plain text') });
  }, 60_000);
});
