import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import type { StepRecord } from '../../api/steps';
import { defaultSettings } from '../../api/model';
import type { RunResult } from '../../api/results';
import type { TrainingSettings } from '../../api/settings';
import { readZip } from '../../files/zip';
import { figure } from '../../lora/card/markdown';
import { MemoryRoom } from '../../storage/memoryRoom';
import { undisputed } from '../../storage/turns';
import { bankCsv } from '../../testing/bankTable';
import { nanoFiles, nanoFilesOfOtherNumbers } from '../../testing/nanoFiles';
import { CheckpointRoom } from './checkpointRoom';
import { Session } from '../session';

const csv = bankCsv(60);

const settings: TrainingSettings = {
  ...defaultSettings(null, 60).settings,
  numTrainEpochs: 2,
  perDeviceTrainBatchSize: 6,
  warmupSteps: 2,
  evalSteps: 3,
  saveSteps: 1,
  maxLength: 24,
  targetModules: ['c_attn'],
};
const grants = { memoryLimitBytes: null };

interface Copy {
  name: string;
  bytes: Uint8Array;
}

/** Keeps a copy of every checkpoint that is written. */
class CopyingRoom extends MemoryRoom {
  readonly copies: Copy[] = [];

  override async write(name: string, bytes: Uint8Array): Promise<void> {
    this.copies.push({ name, bytes: bytes.slice() });
    await super.write(name, bytes);
  }
}

interface Visit {
  session: Session;
  events: TrainerEvent[];
  room: CopyingRoom;
}

/** A tab that was just opened, in which dataset and model were chosen; with what an earlier one has left on the device. */
async function openTab(left: Copy | null = null, { data = csv }: { data?: string } = {}): Promise<Visit> {
  const room = new CopyingRoom(1e9);
  if (left) await room.write(left.name, left.bytes);
  const session = new Session(undefined, new CheckpointRoom(async () => room));
  const events: TrainerEvent[] = [];
  await session.connect((event) => void events.push(event), 'wasm', 'http://localhost/');
  await session.loadDataset({ train: new File([data], 'bank.csv') });
  await session.chooseModel({ kind: 'files', files: nanoFiles });
  return { session, events, room };
}

function recordsOf(events: readonly TrainerEvent[]): StepRecord[] {
  return events.flatMap((event) => (event.kind === 'steps' ? event.records : []));
}

function judgementsOf(events: readonly TrainerEvent[]): TrainerEvent[] {
  return events.filter(({ kind }) => kind === 'evaluation' || kind === 'text-evaluation');
}

function lasting({ elapsedSeconds, tokensPerSecond, ...rest }: RunResult) {
  return rest;
}

const runs: Record<string, Partial<TrainingSettings>> = {
  'with a head': {},
  'with a head, gradient accumulation and DoRA': { gradientAccumulationSteps: 2, perDeviceTrainBatchSize: 4, useDora: true },
  'by prompt': { task: 'prompt', promptTemplate: '{text}. It is about the {label}', maxLength: 40, maxSteps: 7, evalSteps: 4 },
  'on plain text': { task: 'text', maxSteps: 8, evalSteps: 4 },
};

describe.each(Object.keys(runs))('a run %s', (name) => {
  it('that goes on in another tab is bit for bit the one that was never cut, and is told to the page as before', async () => {
    const wanted = { ...settings, ...runs[name] };
    const whole = await openTab();
    const result = await whole.session.start(wanted, 'fresh', grants);
    const { copies } = whole.room;
    expect(copies.length).toBeGreaterThan(result.steps);
    expect(copies.filter(({ bytes }) => new TextDecoder('latin1').decode(bytes).includes('did not arrive'))).toEqual([]);
    // A finished run is no unfinished one.
    expect(await whole.room.list()).toEqual([]);
    const cuts = [0, 1, copies.length - 1, ...Array.from({ length: 2 }, () => Math.floor(Math.random() * copies.length))];
    for (const cut of new Set(cuts)) {
      const later = await openTab(copies[cut]);
      const found = await later.session.resumableRun();
      expect(found).toMatchObject({
        name: result.name,
        step: Math.min(cut, result.steps),
        totalSteps: result.steps,
        missing: [],
      });
      expect(lasting(await later.session.resumeRun(grants))).toEqual(lasting(result));
      expect(recordsOf(later.events)).toEqual(recordsOf(whole.events));
      expect(judgementsOf(later.events)).toEqual(judgementsOf(whole.events));
      const started = later.events.find((event) => event.kind === 'run-started');
      expect(started?.resumed).toEqual({ step: found?.step, savedAtMs: found?.savedAtMs });
      expect(await later.session.resumableRun()).toBeNull();
    }
  }, 240_000);
});

describe('an unfinished run', () => {
  it('asks for its own dataset and model by name, and can be discarded', async () => {
    const { session, room } = await openTab();
    await session.start({ ...settings, maxSteps: 2 }, 'fresh', grants);
    const other = await openTab(room.copies[1], { data: csv.replace('number 7 ', 'number seven ') });
    expect(await other.session.resumableRun()).toMatchObject({ missing: ['dataset'], datasetName: 'bank.csv' });
    await expect(other.session.resumeRun(grants)).rejects.toMatchObject({
      code: 'checkpoint/other-data',
      remedy: expect.stringContaining('bank.csv'),
    });
    await other.session.loadDataset({ train: new File([csv], 'renamed.csv') });
    expect(await other.session.resumableRun()).toMatchObject({ missing: [] });
    await other.session.splitDataset({ seed: 7 });
    expect(await other.session.resumableRun()).toMatchObject({ missing: ['dataset'] });
    await other.session.splitDataset({ seed: 42 });
    await other.session.chooseModel({ kind: 'files', files: nanoFilesOfOtherNumbers() });
    expect(await other.session.resumableRun()).toMatchObject({ missing: ['model'] });
    await expect(other.session.resumeRun(grants)).rejects.toMatchObject({
      code: 'checkpoint/other-model',
      message: expect.stringContaining('The dropped model chosen now has the same name, and other weights'),
    });
    const bare = new Session(undefined, new CheckpointRoom(async () => other.room));
    expect(await bare.resumableRun()).toMatchObject({ missing: ['dataset', 'model'] });
    await other.session.discardRun();
    expect(await other.session.resumableRun()).toBeNull();
    await expect(other.session.resumeRun(grants)).rejects.toMatchObject({ code: 'checkpoint/none' });
    // Where no other tab can be, all runs share one signal, which must not hold on to them.
    expect(getEventListeners(undisputed.lost, 'abort')).toEqual([]);
  }, 60_000);

  it('goes on from the checkpoint before where the newest is damaged, and is told as what it is where both are', async () => {
    const { session, room } = await openTab();
    await session.start({ ...settings, maxSteps: 4 }, 'fresh', grants);
    const later = await openTab(room.copies[2]);
    const { name, bytes: torn } = room.copies[3]!;
    torn[torn.length - 9]! ^= 1;
    await later.room.write(name, torn);
    expect(await later.session.resumableRun()).toMatchObject({ step: 2, problem: { code: 'checkpoint/damaged' } });
    expect(await later.session.resumeRun(grants)).toMatchObject({ steps: 4 });
    await later.room.write(name, torn);
    await expect(later.session.resumableRun()).rejects.toMatchObject({ code: 'checkpoint/damaged' });
    await later.session.discardRun();
    expect(await later.session.resumableRun()).toBeNull();
  }, 60_000);

  it.each([
    ['with a head', 'accuracy'],
    ['on plain text', 'perplexity'],
  ])(
    '%s gives what it had learnt, with its figures, before anything is judged again',
    async (name, figureName) => {
      const wanted = { ...settings, ...runs[name], evalSteps: 3, maxSteps: 6 };
      const { session, events, room } = await openTab();
      await session.start(wanted, 'fresh', grants);
      const later = await openTab(room.copies[4]);
      const atOnce = setInterval(() => {
        if (later.events.some(({ kind }) => kind === 'run-started')) void later.session.pause();
      }, 1);
      const running = later.session.resumeRun(grants);
      await expect
        .poll(() => later.events.some((event) => event.kind === 'phase' && event.phase === 'paused'), { timeout: 20_000 })
        .toBe(true);
      clearInterval(atOnce);
      expect(judgementsOf(later.events)).toEqual(judgementsOf(events).filter((event) => 'step' in event && event.step <= 3));
      const { blob } = await later.session.exportSoFar();
      const files = readZip(new Uint8Array(await blob.arrayBuffer()));
      const card = new TextDecoder().decode(files.get('README.md'));
      const best = judgementsOf(events).findLast((event) => 'step' in event && event.step === 3);
      const learnt =
        best?.kind === 'evaluation' ? best.evaluation.accuracy : best?.kind === 'text-evaluation' ? Math.exp(best.loss) : NaN;
      expect(card.toLowerCase()).toContain(figureName);
      expect(card).toContain(figure(learnt));
      expect(files.get('adapter_model.safetensors')?.length).toBeGreaterThan(1000);
      await later.session.resume();
      expect(await running).toMatchObject({ steps: 6 });
    },
    60_000,
  );

  it('was stopped by the user: it goes on to its results, without a further step', async () => {
    const { session, events, room } = await openTab();
    const stopAtThird = setInterval(() => {
      if (recordsOf(events).length >= 3) void session.stop();
    }, 1);
    const result = await session.start({ ...settings, maxSteps: 500, evalSteps: 0 }, 'fresh', grants);
    clearInterval(stopAtThird);
    expect(result).toMatchObject({ stopped: true });
    const later = await openTab(room.copies.at(-1));
    expect(lasting(await later.session.resumeRun(grants))).toEqual(lasting(result));
  }, 60_000);
});

describe('a run on a device that is full', () => {
  it('pauses once, says what a checkpoint needs, and goes on when told', async () => {
    class FullRoom extends MemoryRoom {
      override async write(): Promise<void> {
        const { quotaError } = await import('../../storage/storageErrors');
        throw quotaError('A file', null, null);
      }
    }
    const session = new Session(undefined, new CheckpointRoom(async () => new FullRoom(1e6)));
    const events: TrainerEvent[] = [];
    const listener = (event: TrainerEvent): void => {
      events.push(event);
      if (event.kind === 'phase' && event.phase === 'paused') setTimeout(() => void session.resume());
    };
    await session.connect(listener, 'wasm', 'http://localhost/');
    await session.loadDataset({ train: new File([csv], 'bank.csv') });
    await session.chooseModel({ kind: 'files', files: nanoFiles });
    expect(await session.start({ ...settings, maxSteps: 4 }, 'fresh', grants)).toMatchObject({ steps: 4 });
    const failures = events.filter((event) => event.kind === 'checkpoint-failed');
    expect(failures.length).toBeGreaterThan(3);
    expect(failures[0]?.error).toMatchObject({ code: 'storage/quota', details: { freeBytes: 1e6 } });
    expect(failures[0]?.error.details['neededBytes']).toBeGreaterThan(1e4);
    expect(events.filter((event) => event.kind === 'phase' && event.phase === 'paused')).toHaveLength(1);
  }, 60_000);
});
