import { beforeAll, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { bankKinds, bankRows } from '../../testing/bankTable';
import { nanoFiles, nanoFilesOfOtherNumbers } from '../../testing/nanoFiles';
import { nanoSession } from '../../testing/nanoSession';
import { Session } from '../session';

const csv = ['text,label,channel', ...bankRows(300).map((line, row) => `${line},${row % 2 === 0 ? 'web' : 'phone'}`)].join('\n');
const settings: TrainingSettings = {
  ...defaultSettings(null, 240).settings,
  maxSteps: 4,
  perDeviceTrainBatchSize: 8,
  evalSteps: 2,
  maxLength: 24,
};
const grants = { memoryLimitBytes: null };
const cell = { judgedBy: 'likelihood', model: 'tuned', actual: 'card', predicted: 'card' } as const;
const slices = { judgedBy: 'likelihood', bands: null, columns: 'all', rules: [] } as const;
const session = new Session();
const events: TrainerEvent[] = [];

async function connected(of: Session, withData: boolean): Promise<Session> {
  return nanoSession(withData ? new File([csv], 'bank.csv') : null, (event) => void events.push(event), of);
}

beforeAll(async () => {
  await connected(session, true);
});

it('keeps every run, and opens it again with the figures, texts, slices and answers that it had', async () => {
  const result = await session.start(settings, 'fresh', grants);
  const [texts, report, logits] = [await session.textsOfCell(cell), await session.slices(slices), await session.logitsOfResult()];
  const prediction = await session.predict('My card is lost');
  const second = await session.start({ ...settings, learningRate: 5e-3, r: 4 }, 'fresh', grants);

  const { runs, usedBytes, isOnDevice } = await session.listRuns();
  expect(isOnDevice).toBe(false);
  expect(runs.map(({ number, origin, steps }) => [number, origin, steps])).toEqual([
    [2, 'run', 4],
    [1, 'run', 4],
  ]);
  expect(usedBytes).toBe(runs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const [newest, first] = runs;
  if (!newest || !first || result.task === 'text' || second.task === 'text') throw new Error('Two runs by classes are missing.');
  expect(newest.settings).toMatchObject({ learningRate: 5e-3, r: 4 });
  expect(newest.changed).toEqual(expect.arrayContaining(['learningRate', 'r', 'maxSteps']));
  expect(newest.figures).toMatchObject({
    kind: 'classes',
    count: second.tuned.count,
    tuned: { accuracy: second.tuned.accuracy },
  });
  expect(newest.dataset.hash).toBe((await session.describeDataset()).hash);
  expect(events.filter(({ kind }) => kind === 'run-kept')).toHaveLength(2);

  expect(await session.openRun(first.id)).toEqual(result);
  const course = await session.courseOfRun(newest.id);
  const start = events.findLast((event) => event.kind === 'run-started');
  expect(course.steps).toEqual(events.flatMap((event) => (event.kind === 'steps' ? event.records : [])).slice(-4));
  expect(course.learningRates).toEqual(start?.learningRates);
  expect([course.stepsPerEpoch, course.totalSteps]).toEqual([start?.stepsPerEpoch, start?.totalSteps]);
  expect(course.tuned.map(({ step }) => step)).toEqual([2, 4]);
  expect(course.run.marks).toEqual([]);
  expect(await session.textsOfCell(cell)).toEqual(texts);
  expect(await session.slices(slices)).toEqual(report);
  expect(report.columns).toEqual(['channel']);
  expect(await session.logitsOfResult()).toEqual(logits);
  const told = events.length;
  const again = await session.predict('My card is lost');
  // What a question takes is no news of a run.
  expect(events.slice(told)).toEqual([]);
  for (const model of ['base', 'tuned'] as const)
    again[model].forEach(({ probability }, index) => expect(probability).toBeCloseTo(prediction[model][index]!.probability, 5));
}, 120_000);

it('compares two runs on the same texts', async () => {
  const { runs } = await session.listRuns();
  const [a = '', b = ''] = runs.map(({ id }) => id);
  const { curves, figures, texts } = await session.compareRuns(a, b);
  expect(curves.a.base?.step).toBe(0);
  expect(curves.a.tuned.map(({ step }) => step)).toEqual([2, 4]);
  expect(texts).toMatchObject({ common: texts?.ofA, ofB: texts?.ofA });
  const accuracy = figures.find(({ name }) => name === 'accuracy');
  const count = texts?.ofA ?? 0;
  expect(accuracy?.difference).toBeCloseTo(((texts?.onlyA ?? 0) - (texts?.onlyB ?? 0)) / count, 12);
  expect(accuracy?.interval?.[0]).toBeLessThanOrEqual(accuracy?.difference ?? NaN);
  expect(accuracy?.interval?.[1]).toBeGreaterThanOrEqual(accuracy?.difference ?? NaN);
  const { texts: rows, total } = await session.disagreements({ a, b, judgedBy: 'likelihood', offset: 0, count: 5 });
  expect(total).toBe(texts?.disagreements);
  for (const row of rows) expect(row.a.label).not.toBe(row.b.label);
  const itself = await session.compareRuns(a, a);
  expect(itself.texts).toMatchObject({ onlyA: 0, onlyB: 0, pValue: 1, disagreements: 0 });
  expect(itself.figures.map(({ interval }) => interval)).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

it('gives all runs as one file that another device reads, and renames, deletes and continues there', async () => {
  const { runs } = await session.listRuns();
  const { blob } = await session.exportRuns(runs.map(({ id }) => id));
  const other = await connected(new Session(), false);
  const file = new File([blob], 'tunelet-runs.zip');
  expect(await other.importRuns(file)).toEqual({ added: 2, known: 0 });
  expect(await other.importRuns(file)).toEqual({ added: 0, known: 2 });
  expect((await other.listRuns()).runs).toEqual(runs);

  const [newest, first] = runs;
  const id = first?.id ?? '';
  const renamed = await other.renameRun(id, '  A slower one ');
  expect(renamed.runs.find((run) => run.id === id)).toMatchObject({ name: 'A slower one', isRenamed: true });
  await expect(other.renameRun(id, ' ')).rejects.toMatchObject({ code: 'settings/invalid' });
  expect((await other.adapterOfRun(id)).name).toBe('a-slower-one-adapter.zip');

  // No dataset is there: the models answer all the same.
  await other.openRun(id);
  await session.openRun(id);
  const [here, there] = [await session.predict('Where is my cash?'), await other.predict('Where is my cash?')];
  there.tuned.forEach(({ probability }, index) => expect(probability).toBeCloseTo(here.tuned[index]!.probability, 5));
  expect(await other.continueFrom(id)).toMatchObject({ r: 8, labels: bankKinds });

  await other.loadDataset({ train: new File([csv], 'bank.csv') });
  expect(await other.start({ ...settings, maxSteps: 1 }, 'adapter', grants)).toMatchObject({ origin: 'continued' });
  const [continued] = (await other.listRuns()).runs;
  expect(continued).toMatchObject({ number: 3, origin: 'continued', continuedFrom: id });
  await other.deleteRun(continued?.id ?? '');

  expect((await other.deleteRun(newest?.id ?? '')).runs.map((run) => run.id)).toEqual([id]);
  await expect(other.openRun(newest?.id ?? '')).rejects.toMatchObject({ code: 'runs/not-found' });
}, 120_000);

it('says which model to choose where another is chosen, and still shows the rest', async () => {
  const { runs } = await session.listRuns();
  const { blob } = await session.exportRuns(runs.map(({ id }) => id));
  const bare = new Session();
  await bare.connect(() => {}, 'wasm', 'http://localhost/');
  await bare.importRuns(new File([blob], 'runs.zip'));
  const id = runs[0]?.id ?? '';
  expect(await bare.openRun(id)).toMatchObject({ task: 'head', labels: bankKinds });
  expect(await bare.textsOfCell(cell)).toEqual(expect.any(Array));
  await expect(bare.predict('My card')).rejects.toMatchObject({ code: 'run/not-ready' });
  await bare.chooseModel({ kind: 'files', files: nanoFilesOfOtherNumbers() });
  for (const use of [() => bare.predict('My card'), () => bare.continueFrom(id)])
    await expect(use()).rejects.toMatchObject({ code: 'run/not-ready', message: expect.stringContaining('other weights') });
  await bare.chooseModel({ kind: 'files', files: nanoFiles });
  expect(await bare.continueFrom(id)).toMatchObject({ labels: bankKinds });
});

it('keeps runs by prompt with what the models wrote, and of plain text', async () => {
  const prompted = await session.start(
    { ...settings, task: 'prompt', promptTemplate: '{text}. It is about the {label}', maxSteps: 1, maxLength: 40 },
    'fresh',
    grants,
  );
  const text = await session.start({ ...settings, task: 'text', maxSteps: 1 }, 'fresh', grants);
  const { runs } = await session.listRuns();
  const [ofText, ofPrompt] = runs;
  expect(ofText?.figures).toMatchObject({ kind: 'text' });
  expect(await session.openRun(ofPrompt?.id ?? '')).toEqual(prompted);
  const request = { maxNewTokens: 3, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 };
  expect((await session.showPrompt('My card')).tokens).toBeGreaterThan(3);
  expect((await session.generate({ ...request, text: 'My card' })).tuned.tokens).toBeGreaterThan(0);
  expect(await session.openRun(ofText?.id ?? '')).toEqual(text);
  expect((await session.generate({ ...request, text: 'This is' })).base.tokens).toBeGreaterThan(0);
  const { figures, texts } = await session.compareRuns(ofText?.id ?? '', ofPrompt?.id ?? '');
  expect([figures, texts]).toEqual([[], null]);
}, 120_000);
