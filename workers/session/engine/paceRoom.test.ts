import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { nanoFiles } from '../../testing/nanoFiles';
import { Session } from '../session';

const rows = Array.from(
  { length: 300 },
  (_, index) => `a message of some words with number ${index},${index % 2 ? 'tram' : 'ferry'}\n`,
);
const grants = { memoryLimitBytes: null };

describe('the pace of a run', { timeout: 60_000 }, () => {
  const session = new Session();
  const settings: TrainingSettings = { ...defaultSettings(null, 1000).settings, maxSteps: 8, evalSteps: 0 };

  beforeAll(async () => {
    await session.connect(() => {}, 'wasm', 'http://localhost/');
    await session.chooseModel({ kind: 'files', files: nanoFiles });
    await session.loadDataset({ train: new File(['text,label\n', ...rows], 'rows.csv') });
  });

  it('is tried before the first run, close to what a run then measures, which counts from then on', async () => {
    const tried = await session.estimatePace(settings, grants);
    expect(tried).toMatchObject({ basis: 'trial' });
    // Once is enough.
    expect(await session.estimatePace(settings, grants)).toEqual(tried);
    const { tokensPerSecond } = await session.start(settings, 'fresh', grants);
    // Wide, as other work on this machine slows the one and not the other.
    const ratio = tried!.tokensPerSecond / tokensPerSecond;
    expect(ratio).toBeGreaterThan(1 / 4);
    expect(ratio).toBeLessThan(4);
    expect(await session.estimatePace(settings, grants)).toEqual({ basis: 'run', tokensPerSecond });
  });

  it('is tried of a run that is shorter than the trial, whose texts differ in length', async () => {
    const uneven = Array.from({ length: 60 }, (_, index) => `${'tram '.repeat(1 + ((index * 7) % 19))}${index},${index % 2}\n`);
    await session.loadDataset({ train: new File(['text,label\n', ...uneven], 'uneven.csv') });
    const short = { ...settings, maxSteps: 2, perDeviceTrainBatchSize: 4, seed: 3 };
    expect(await session.estimatePace(short, grants)).toMatchObject({ basis: 'trial' });
  });

  it('is told of a run too large to be tried from a run of the same model, else by the products of another', async () => {
    await session.loadDataset({ train: new File(['text,label\n', ...rows.map((row) => 'tram '.repeat(120) + row)], 'long.csv') });
    const large = { ...settings, perDeviceTrainBatchSize: 240, maxLength: 128 };
    for (const [task, basis] of [
      ['head', { basis: 'similar-run' }],
      ['text', { basis: 'other-model' }],
    ] as const) {
      const { memory } = await session.planRun({ ...large, task }, grants);
      expect(memory.totalBytes).toBeGreaterThan(768 * 1024 ** 2);
      const pace = await session.estimatePace({ ...large, task }, grants);
      expect(pace).toMatchObject(basis);
      expect(pace?.tokensPerSecond).toBeGreaterThan(0);
    }
  });

  it('holds up neither a run nor a newer question', async () => {
    await session.loadDataset({ train: new File(['text,label\n', ...rows], 'rows.csv') });
    const first = session.estimatePace({ ...settings, r: 4 }, grants);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = session.estimatePace({ ...settings, r: 2 }, grants);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const run = session.start({ ...settings, maxSteps: 2 }, 'fresh', grants);
    const during = session.estimatePace({ ...settings, r: 16 }, grants);
    for (const ended of [first, second]) expect([null, 'similar-run', 'other-model']).toContain((await ended)?.basis ?? null);
    expect(await during).toBeNull();
    expect((await run).steps).toBe(2);
  });
});
