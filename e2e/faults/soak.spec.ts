import type { CDPSession, Page } from '@playwright/test';
import { phaseOf } from '../../scripts/drivePage.mjs';
import { HeapWatch } from '../heap/heapWatch';
import { expect, test as base } from '../support';
import { deviceBytes, trainerWorker, watchDevices } from './devices';
import { prepareRun, startAndReach } from './journey';
import { TrainerNews } from './news';

/** `npm run verify:soak` sets another number. */
const test = base.extend<{ soakSteps: number }>({ soakSteps: [500, { option: true }] });

const saveSteps = 10;
const fewestSamples = 8;
// A step of it is some thirty kernels.
const settings = {
  save_steps: String(saveSteps),
  per_device_train_batch_size: '1',
  max_length: '16',
  r: '1',
};

interface Sample {
  step: number;
  atMs: number;
  heapBytes: number;
  gpuBytes: number;
  /** What the browser's processes have computed so far, the software adapter's included. */
  processorMs: number;
}

/** Of the steps between two samples, each. */
interface Stretch {
  step: number;
  wallMs: number;
  processorMs: number;
}

/** By least squares: what a step adds. */
function slope<Point extends { step: number }>(points: readonly Point[], figure: (point: Point) => number): number {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ step }) => step), mean(figure)];
  const covariance = points.reduce((sum, point) => sum + (point.step - x) * (figure(point) - y), 0);
  return covariance / points.reduce((sum, { step }) => sum + (step - x) ** 2, 0);
}

function stretches(samples: readonly Sample[]): Stretch[] {
  return samples.slice(1).map((end, index) => {
    const begin = samples[index] ?? end;
    const each = (figure: (sample: Sample) => number) => (figure(end) - figure(begin)) / (end.step - begin.step);
    return { step: end.step, wallMs: each(({ atMs }) => atMs), processorMs: each(({ processorMs }) => processorMs) };
  });
}

test('a long run takes no more memory and no more time a step', async ({ page, soakSteps }) => {
  test.setTimeout(120_000 + soakSteps * 400);
  const news = await TrainerNews.hear(page.context());
  const heap = await HeapWatch.start(page, 1000);
  await prepareRun(page, { device: 'webgpu', model: 'one block', settings: { ...settings, max_steps: String(soakSteps) } });
  await watchDevices(page);
  await (await trainerWorker(page)).evaluate(countMoves);
  await startAndReach(page, news, 20);
  const samples = await sampleRun(page, news, heap, Math.max(10, Math.floor(soakSteps / 40)));
  await expect.poll(() => news.lastStep, { timeout: 60_000 }).toBe(soakSteps);
  const checkpoints = await (await trainerWorker(page)).evaluate(() => Number(Reflect.get(globalThis, 'checkpointsMoved')));
  await heap.stop();

  expect(samples.length).toBeGreaterThanOrEqual(fewestSamples);
  const half = Math.floor(samples.length / 2);
  const halves = [samples.slice(0, half + 1), samples.slice(half)] as const;
  const report = figuresOf(samples, halves);
  console.log(`${soakSteps} steps, ${checkpoints} checkpoints, ${samples.length} samples. ${report.words}`);
  expect(checkpoints).toBeGreaterThanOrEqual(Math.floor((soakSteps - 1) / saveSteps));
  // While a checkpoint is read back, its staging is there too.
  const fewestBytes = (part: readonly Sample[]) => Math.min(...part.map(({ gpuBytes }) => gpuBytes));
  expect(fewestBytes(halves[1]), 'GPU bytes are flat').toBe(fewestBytes(halves[0]));
  // A step's record in worker and page takes some hundred bytes; a leaked checkpoint takes thousands for each step between two.
  expect(report.heapSlope * soakSteps, 'what the heap grows by').toBeLessThan(4e6 + 600 * soakSteps);
  // What else the machine does lengthens a step, and not what it computes.
  expect(report.processorGrowth, 'the second half computes no longer').toBeLessThan(1.4);
  expect(report.wallGrowth, 'nor do its quickest steps take longer').toBeLessThan(2);
});

async function sampleRun(page: Page, news: TrainerNews, heap: HeapWatch, everySteps: number): Promise<Sample[]> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser of its own.');
  const session = await browser.newBrowserCDPSession();
  const samples: Sample[] = [];
  const isOver = async () => (await phaseOf(page)) !== 'training';
  while (!(await isOver())) {
    const from = news.lastStep;
    heap.takePeaks();
    let heapBytes = 0;
    const isFurther = async () => {
      heapBytes = Math.max(heapBytes, heap.takePeaks().liveBytes);
      return (news.lastStep >= from + everySteps && heapBytes > 0) || isOver();
    };
    await expect.poll(isFurther, { timeout: 120_000, intervals: [100] }).toBe(true);
    if (heapBytes === 0 || news.lastStep === from) continue;
    const [gpuBytes, processorMs] = await Promise.all([deviceBytes(page), computedMs(session)]);
    samples.push({ step: news.lastStep, atMs: Date.now(), heapBytes, gpuBytes, processorMs });
  }
  return samples;
}

/** Time on the processor of the pages, their workers and the software adapter. */
async function computedMs(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const computing = processInfo.filter(({ type }) => type === 'renderer' || type === 'GPU');
  return computing.reduce((sum, { cpuTime }) => sum + 1000 * cpuTime, 0);
}

function figuresOf(samples: readonly Sample[], halves: readonly (readonly Sample[])[]) {
  const heapSlope = slope(samples, ({ heapBytes }) => heapBytes);
  const gpuSlope = slope(samples, ({ gpuBytes }) => gpuBytes);
  const [early = [], late = []] = halves.map(stretches);
  const mean = (part: readonly Stretch[], figure: (stretch: Stretch) => number) =>
    part.reduce((sum, stretch) => sum + figure(stretch), 0) / part.length;
  const quickest = (part: readonly Stretch[]) => Math.min(...part.map(({ wallMs }) => wallMs));
  const computed = [early, late].map((part) => mean(part, ({ processorMs }) => processorMs));
  const [computedEarly = Number.NaN, computedLate = Number.NaN] = computed;
  const all = stretches(samples);
  const microseconds = (figure: (stretch: Stretch) => number) => (1000 * slope(all, figure)).toFixed(2);
  const mega = (sample: Sample | undefined, figure: (sample: Sample) => number) =>
    ((sample ? figure(sample) : 0) / 1e6).toFixed(2);
  const heapBytes = (sample: Sample) => sample.heapBytes;
  const words =
    `Heap ${mega(samples.at(0), heapBytes)} to ${mega(samples.at(-1), heapBytes)} MB, ${heapSlope.toFixed(0)} bytes a step. ` +
    `GPU ${mega(samples.at(-1), ({ gpuBytes }) => gpuBytes)} MB, ${gpuSlope.toFixed(2)} bytes a step. ` +
    `A step ${mean(early, ({ wallMs }) => wallMs).toFixed(1)} ms in the first half, ${mean(late, ({ wallMs }) => wallMs).toFixed(1)} ms in the second ` +
    `(quickest ${quickest(early).toFixed(1)} and ${quickest(late).toFixed(1)}), ${microseconds(({ wallMs }) => wallMs)} µs more each step; ` +
    `on the processor ${computedEarly.toFixed(1)} and ${computedLate.toFixed(1)} ms, ${microseconds(({ processorMs }) => processorMs)} µs more each step.`;
  return { words, heapSlope, processorGrowth: computedLate / computedEarly, wallGrowth: quickest(late) / quickest(early) };
}

/** Runs in the worker: files that take a checkpoint's place. */
function countMoves(): void {
  const prototype: object = FileSystemFileHandle.prototype;
  const move: unknown = Reflect.get(prototype, 'move');
  if (typeof move !== 'function') throw new TypeError('There is no move.');
  Reflect.set(globalThis, 'checkpointsMoved', 0);
  Reflect.set(prototype, 'move', function counted(this: unknown, ...parameters: unknown[]): unknown {
    const isCheckpoint = /\.[01]$/.test(String(parameters.at(-1)));
    if (isCheckpoint) Reflect.set(globalThis, 'checkpointsMoved', Number(Reflect.get(globalThis, 'checkpointsMoved')) + 1);
    const answer: unknown = Reflect.apply(move, this, parameters);
    return answer;
  });
}
