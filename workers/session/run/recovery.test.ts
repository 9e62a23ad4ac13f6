import { beforeAll, describe, expect, it } from 'vitest';
import type { DeviceWait, WayOn } from '../../api/deviceWait';
import { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { TrainingSettings } from '../../api/settings';
import type { Executor, Program, Readings } from '../../engine/executor';
import { filmSettings, filmTable } from '../../testing/films';
import { nanoFiles } from '../../testing/nanoFiles';
import { CacheRoom } from '../model/cacheRoom';
import { DatasetRoom } from '../dataset/datasetRoom';
import { findDevice, type Device } from '../device';
import { EngineRoom, type EngineNeeds } from '../engine/engineRoom';
import type { RunEngine } from '../tasks/runEngine';
import type { FinishedRun } from './finishedRun';
import { chooseModel, type ChosenModel } from '../model/modelRoom';
import { runInputs } from '../plan/runInputs';
import { RunPlanner } from '../plan/runPlan';
import { TrainingRun } from './trainingRun';

/** What the fault room calls before it does it; counted from 1. */
type Moment = 'prepare' | 'step' | 'evaluate' | 'read';
type Fault = (moment: Moment, count: number) => 'lost' | 'wrong' | null;

/** The processor's executor in the place of a graphics device that is lost, or computes no numbers, when the test says so. */
class FaultRoom extends EngineRoom {
  private readonly fault: Fault;
  private readonly counts: Record<Moment, number> = { prepare: 0, step: 0, evaluate: 0, read: 0 };
  private isMoved = false;
  isBack = true;

  constructor(device: Device, emit: (event: TrainerEvent) => void, fault: Fault) {
    super(device, 'http://localhost/', emit);
    this.fault = fault;
  }

  override get canBeLost(): boolean {
    return !this.isMoved;
  }

  override async isDeviceBack(): Promise<boolean> {
    return this.isBack;
  }

  override moveToProcessor(): void {
    super.moveToProcessor();
    this.isMoved = true;
  }

  override async prepare(needs: EngineNeeds): Promise<RunEngine> {
    this.meet('prepare');
    const engine = await super.prepare(needs);
    const watched = (program: Program, moment: Moment): Program => ({
      run: async (...parts): Promise<Readings> => {
        const readings = await program.run(...parts);
        // The device has done its work; what counts is that it comes back.
        const isWrong = this.meet(moment) === 'wrong';
        return isWrong ? new Map([...readings, ['loss', Float32Array.of(Number.NaN)]]) : readings;
      },
      arenaBytes: program.arenaBytes,
      lastRun: null,
      dispose: () => program.dispose(),
    });
    const readState: Executor['readState'] = async (name) => {
      this.meet('read');
      return engine.executor.readState(name);
    };
    const executor: Executor = new Proxy(engine.executor, {
      get: (target, key) => {
        if (key === 'readState') return readState;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { ...engine, executor, train: watched(engine.train, 'step'), evaluate: watched(engine.evaluate, 'evaluate') };
  }

  private meet(moment: Moment): 'wrong' | null {
    if (!this.canBeLost) return null;
    this.counts[moment] += 1;
    const fault = this.fault(moment, this.counts[moment]);
    if (fault === 'lost')
      throw new TuneletError('device/lost', 'The graphics device was lost: test', 'None.', { reason: 'test' });
    return fault;
  }
}

interface Heard {
  finished: FinishedRun;
  losses: Map<number, number>;
  waits: DeviceWait[];
  events: TrainerEvent[];
}

let model: ChosenModel;
let data: DatasetRoom;

beforeAll(async () => {
  const quiet = (): void => {};
  data = new DatasetRoom(quiet);
  await data.load({ train: filmTable(4) });
  model = await chooseModel(
    { kind: 'files', files: nanoFiles },
    'http://localhost/',
    await new CacheRoom(quiet).library(),
    quiet,
  );
});

async function train(
  fault: Fault,
  changes: Partial<TrainingSettings> = {},
  choose: (wait: DeviceWait, room: FaultRoom) => WayOn | null = () => 'device',
  hear: (event: TrainerEvent, run: TrainingRun) => void = () => {},
): Promise<Heard> {
  const events: TrainerEvent[] = [];
  const device = await findDevice('wasm');
  const planning = { model, data, planner: new RunPlanner(device) };
  const inputs = await runInputs(planning, { ...filmSettings, ...changes }, null, { memoryLimitBytes: null });
  const emit = (event: TrainerEvent): void => {
    events.push(event);
    hear(event, run);
    if (event.kind !== 'device-wait' || event.wait.state === 'trying') return;
    const way = choose(event.wait, room);
    if (way !== null) setTimeout(() => run.goOn(way));
  };
  const room = new FaultRoom(device, emit, fault);
  const run: TrainingRun = new TrainingRun(inputs, emit, null);
  try {
    const finished = await run.run(room);
    const losses = new Map(finished.training?.records.map(({ step, loss }) => [step, loss]));
    const waits = events.flatMap((event) => (event.kind === 'device-wait' ? [event.wait] : []));
    return { finished, losses, waits, events };
  } finally {
    room.dispose();
  }
}

const never: Fault = () => null;

describe('a run that loses its device', () => {
  let whole: Heard;
  beforeAll(async () => {
    whole = await train(never);
    expect(whole.losses.size).toBe(8);
  });

  const moments: [string, Fault][] = [
    ['while it gets ready', (moment, count) => (moment === 'prepare' && count === 1 ? 'lost' : null)],
    ['while the base model is judged', (moment, count) => (moment === 'evaluate' && count === 1 ? 'lost' : null)],
    ['at its first step', (moment, count) => (moment === 'step' && count === 1 ? 'lost' : null)],
    ['at a step between two states', (moment, count) => (moment === 'step' && count === 6 ? 'lost' : null)],
    ['at two steps', (moment, count) => (moment === 'step' && (count === 4 || count === 7) ? 'lost' : null)],
    ['while a state is read', (moment, count) => (moment === 'read' && count === 10 ? 'lost' : null)],
    ['in an evaluation', (moment, count) => (moment === 'evaluate' && count === 2 ? 'lost' : null)],
    ['in the last evaluation', (moment, count) => (moment === 'evaluate' && count === 5 ? 'lost' : null)],
    ['again and again while it gets ready', (moment, count) => (moment === 'prepare' && count <= 2 ? 'lost' : null)],
  ];
  it.each(moments)('%s ends with the same numbers, bit for bit', async (_, fault) => {
    const heard = await train(fault);
    expect(heard.waits.length).toBeGreaterThan(0);
    expect([...heard.losses]).toEqual([...whole.losses]);
    expect(heard.finished.tunedParameters).toEqual(whole.finished.tunedParameters);
    expect(heard.finished.training?.bestStep).toBe(whole.finished.training?.bestStep);
    expect(heard.finished.evaluations).toEqual(whole.finished.evaluations);
  });

  it('says what is safe, and where it goes on', async () => {
    const { waits, events } = await train((moment, count) => (moment === 'step' && count === 6 ? 'lost' : null));
    expect(waits[0]).toMatchObject({
      reason: 'test',
      lostAtStep: 5,
      safeStep: 4,
      state: 'counting',
      attempt: 1,
      canExport: true,
    });
    expect(waits[0]?.smallerBatch).toEqual({ perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 2 });
    expect(events).toContainEqual({ kind: 'resumed', step: 4 });
    const phases = events.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
    expect(phases).toContain('waiting-for-device');
    expect(phases).not.toContain('failed');
  });

  it('that does not come back can be finished on the processor', async () => {
    const { finished, losses, events } = await train(
      (moment, count) => (moment === 'step' && count === 6 ? 'lost' : null),
      {},
      () => 'processor',
    );
    expect([...losses]).toEqual([...whole.losses]);
    expect(finished.training?.steps).toBe(8);
    expect(events.some((event) => event.kind === 'device' && event.device.executor === 'wasm')).toBe(true);
  });

  it('goes on with a smaller batch of as many texts a step', async () => {
    let asked = 0;
    const { finished, losses, waits } = await train(
      (moment, count) => (moment === 'step' && [5, 6, 7].includes(count) ? 'lost' : null),
      { saveSteps: 4, loraDropout: 0 },
      ({ state }) => {
        if (state !== 'asking') return 'device';
        asked += 1;
        return 'smaller-batch';
      },
    );
    expect(asked).toBe(1);
    expect(waits.at(-1)?.lossesInARow).toBe(3);
    expect(finished.inputs.settings).toMatchObject({ perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 2 });
    expect(losses.size).toBe(8);
    const plain = await train(never, { loraDropout: 0 });
    for (const [step, loss] of plain.losses) expect(losses.get(step)).toBeCloseTo(loss, 4);
  });

  it('can be stopped while it waits, and keeps what is safe', async () => {
    const { finished } = await train(
      (moment, count) => (moment === 'step' && count === 6 ? 'lost' : null),
      {},
      (_, room) => {
        room.isBack = false;
        return 'stop';
      },
    );
    expect(finished.training).toMatchObject({ steps: 4, stopped: true });
    expect(finished.judged.kind).toBe('classes');
  });

  it('ends without a result when it is stopped with nothing trained', async () => {
    const started = train(
      (moment, count) => (moment === 'prepare' && count === 1 ? 'lost' : null),
      {},
      () => 'stop',
    );
    await expect(started).rejects.toMatchObject({ code: 'run/stopped' });
  });

  it('gives the adapter so far while it waits', async () => {
    const best: number[] = [];
    await train(
      (moment, count) => (moment === 'step' && count === 6 ? 'lost' : null),
      {},
      () => 'device',
      (event, run) => {
        if (event.kind === 'device-wait' && event.wait.state === 'counting') best.push(run.soFar().training?.bestStep ?? -1);
      },
    );
    expect(best).toEqual([3]);
  });
});

describe('a run whose loss is no number', () => {
  it('goes back once and halves the rates that follow', async () => {
    const plain = await train(never);
    const { finished, losses, events } = await train((moment, count) => (moment === 'step' && count === 6 ? 'wrong' : null));
    expect(finished.training).toMatchObject({ steps: 8, stopped: false, rateHalvedAfter: 4 });
    const rates = finished.training?.records.map(({ learningRate }) => learningRate) ?? [];
    const plainRates = plain.finished.training?.records.map(({ learningRate }) => learningRate) ?? [];
    expect(rates).toEqual(plainRates.map((rate, at) => (at < 4 ? rate : rate / 2)));
    for (const step of [1, 2, 3, 4, 5]) expect(losses.get(step)).toBe(plain.losses.get(step));
    expect(losses.get(8)).not.toBe(plain.losses.get(8));
    const back = events.find((event) => event.kind === 'went-back');
    expect(back).toMatchObject({ step: 4, fromStep: 6 });
    expect(back?.learningRates.map(({ learningRate }) => learningRate)).toEqual(rates);
    const [notice] = events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    expect(notice).toMatch(
      /^The loss went from 0\.\d+ to NaN at step 6\. Went back to step 4 and halved the learning rate to 5e-4\./,
    );
  });

  it('stops the second time, and keeps and judges what it had learnt', async () => {
    const wrongTwice: Fault = (moment, count) => (moment === 'step' && (count === 6 || count === 8) ? 'wrong' : null);
    const { finished, events } = await train(wrongTwice);
    expect(finished.training).toMatchObject({ steps: 4, stopped: true, rateHalvedAfter: 4 });
    expect(finished.judged.kind).toBe('classes');
    const notices = events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    expect(notices.at(-1)).toMatch(/with half the learning rate too\. The run stops and keeps .* Lower learning_rate/);
  });

  it('fails where nothing was learnt', async () => {
    const started = train((moment) => (moment === 'step' ? 'wrong' : null));
    await expect(started).rejects.toMatchObject({ code: 'run/diverged', details: { step: 1 } });
  });
});
