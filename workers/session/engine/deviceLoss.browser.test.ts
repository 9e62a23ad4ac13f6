import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceWait } from '../../api/deviceWait';
import type { TrainerEvent } from '../../api/events';
import type { TrainingSettings } from '../../api/settings';
import { tinyLlamaFiles } from '../../testing/browserFixtures';
import { filmSettings, filmTable } from '../../testing/films';
import { wrongNorm } from '../../testing/wrongKernels';
import { Session } from '../session';

// What leads back through attention compiles for seconds, and each new device compiles all anew.
const settings: TrainingSettings = { ...filmSettings, targetModules: ['down_proj'], maxSteps: 6 };

/** Every device that the page was given, the newest last. */
const devices: GPUDevice[] = [];
const { requestDevice } = GPUAdapter.prototype;

beforeAll(() => {
  GPUAdapter.prototype.requestDevice = async function (descriptor): Promise<GPUDevice> {
    const device = await requestDevice.call(this, descriptor);
    devices.push(device);
    return device;
  };
});
afterAll(() => {
  GPUAdapter.prototype.requestDevice = requestDevice;
});

interface Heard {
  losses: Map<number, number>;
  waits: DeviceWait[];
  events: TrainerEvent[];
}

let session: Session;
/** Acts on an event as it is told. */
let onEvent: (event: TrainerEvent) => void = () => {};

beforeAll(async () => {
  session = new Session();
  await session.connect((event) => onEvent(event), 'webgpu', `${location.origin}/`);
  await session.loadDataset({ train: filmTable(3) });
  await session.chooseModel({ kind: 'files', files: await tinyLlamaFiles(1) });
});

async function run(
  act: (event: TrainerEvent) => void = () => {},
  on: Session = session,
  changes: Partial<TrainingSettings> = {},
): Promise<Heard> {
  const heard: Heard = { losses: new Map(), waits: [], events: [] };
  onEvent = (event) => {
    heard.events.push(event);
    if (event.kind === 'steps') for (const { step, loss } of event.records) heard.losses.set(step, loss);
    if (event.kind === 'device-wait') {
      heard.waits.push(event.wait);
      if (event.wait.state === 'counting') setTimeout(() => void on.goOn('device'));
    }
    act(event);
  };
  await on.start({ ...settings, ...changes }, 'fresh', { memoryLimitBytes: null });
  return heard;
}

/** Takes the device away at the first event of each kind that a test names. */
function destroyAt(...moments: ((event: TrainerEvent) => boolean)[]): (event: TrainerEvent) => void {
  const left = [...moments];
  return (event) => {
    if (left[0]?.(event)) {
      left.shift();
      devices.at(-1)?.destroy();
    }
  };
}

let whole: Heard;
beforeAll(async () => {
  whole = await run();
  expect([...whole.losses.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
});

// Every device compiles its kernels anew: the journeys of e2e/faults take one away in a step, at each of its moments.
describe('a device that is taken away', () => {
  it('that refuses a command fails the run, says so, and is not used again', async () => {
    let isRefused = false;
    const failed = run((event) => {
      const device = devices.at(-1);
      if (isRefused || !device || event.kind !== 'steps') return;
      isRefused = true;
      device.queue.writeBuffer(device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE }), 0, new Uint32Array(1));
    });
    await expect(failed).rejects.toMatchObject({ code: 'internal', remedy: expect.stringMatching(/processor/) });

    // Nor does the loss of the next one cost a number, bit for bit, where it is lost in the last evaluation.
    const before = devices.length;
    const heard = await run(destroyAt((event) => event.kind === 'phase' && event.phase === 'final-evaluation'));
    expect(devices.length - before).toBe(2);
    expect(heard.waits.filter(({ state }) => state === 'counting').length).toBe(1);
    expect([...heard.losses]).toEqual([...whole.losses]);
    const judged = ({ events }: Heard) => events.filter((event) => event.kind === 'run-finished');
    expect(figuresOf(judged(heard)[0])).toEqual(figuresOf(judged(whole)[0]));
  });

  it('while weights load and while kernels are compiled costs no number either', async () => {
    // Another model object: its weights load again.
    await session.chooseModel({ kind: 'files', files: await tinyLlamaFiles(1) });
    const heard = await run(
      destroyAt(
        (event) => event.kind === 'phase' && event.phase === 'loading-weights',
        (event) => event.kind === 'compile-progress' && event.done > 2,
      ),
    );
    expect(heard.waits.filter(({ state }) => state === 'counting').length).toBeGreaterThanOrEqual(1);
    expect([...heard.losses]).toEqual([...whole.losses]);
    expect(heard.events.some((event) => event.kind === 'device')).toBe(false);
  });

  it('between runs is opened anew by the next use', async () => {
    const before = await session.predict('good film');
    devices.at(-1)?.destroy();
    const after = await session.predict('good film');
    expect(after.tuned).toEqual(before.tuned);
  });
});

// It compiles every op anew for each device and each length of a batch.
describe('a device that computes a plain kernel wrongly', { timeout: 240_000 }, () => {
  it('is left to TensorFlow.js, which says so, is recognised as lost there, and the run goes on to the same numbers', async () => {
    const disproved = new Session(wrongNorm);
    await disproved.connect((event) => onEvent(event), 'webgpu', `${location.origin}/`);
    await disproved.loadDataset({ train: filmTable(3) });
    await disproved.chooseModel({ kind: 'files', files: await tinyLlamaFiles(1) });
    let lost: GPUDevice | undefined;
    const { events, losses, waits } = await run(
      (event) => {
        if (lost || event.kind !== 'steps' || event.progress.step < 1) return;
        lost = devices.at(-1);
        lost?.destroy();
      },
      disproved,
      // Nothing is kept after the first step, so that it is done again.
      { maxSteps: 2, evalSteps: 0, saveSteps: 0 },
    );
    const notices = events.flatMap((event) => (event.kind === 'notice' ? event.message : []));
    expect(notices[0]).toMatch(/rmsNorm.*TensorFlow\.js/);
    const told = events.flatMap((event) => (event.kind === 'device' ? event.device : []));
    expect(told[0]).toMatchObject({
      label: expect.stringContaining('TensorFlow.js'),
      notice: expect.stringContaining('rmsNorm'),
    });
    expect(waits.filter(({ state }) => state === 'counting')).toHaveLength(1);
    expect(devices.at(-1)).not.toBe(lost);
    const first = events.flatMap((event) => (event.kind === 'steps' ? event.records : [])).filter(({ step }) => step === 1);
    expect(first).toHaveLength(2);
    expect(first[1]).toEqual(first[0]);
    expect([...losses.keys()]).toEqual([1, 2]);
    for (const [step, loss] of losses) expect(loss, `step ${step}`).toBeCloseTo(whole.losses.get(step) ?? Number.NaN, 2);
    await expect(disproved.predict('good film')).resolves.toMatchObject({ base: expect.anything() });
  });
});

function figuresOf(event: TrainerEvent | undefined) {
  if (event?.kind !== 'run-finished' || event.result.task === 'text') throw new Error('There is no result of classes.');
  const { base, tuned, bestStep, steps } = event.result;
  return { base, tuned, bestStep, steps };
}
