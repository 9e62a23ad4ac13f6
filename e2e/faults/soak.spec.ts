import { phaseOf } from '../../scripts/drivePage.mjs';
import { HeapWatch } from '../heap/heapWatch';
import { expect, test as base } from '../support';
import { deviceBytes, trainerWorker, watchDevices } from './devices';
import { prepareRun, startAndReach } from './journey';
import { TrainerNews } from './news';

/** `npm run verify:soak` sets another number. */
const test = base.extend<{ soakSteps: number }>({ soakSteps: [500, { option: true }] });

const saveSteps = 10;

interface Sample {
  step: number;
  atMs: number;
  heapBytes: number;
  gpuBytes: number;
}

/** By least squares: what a step adds. */
function slope(samples: readonly Sample[], figure: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ step }) => step), mean(figure)];
  const covariance = samples.reduce((sum, sample) => sum + (sample.step - x) * (figure(sample) - y), 0);
  return covariance / samples.reduce((sum, { step }) => sum + (step - x) ** 2, 0);
}

test('a long run takes no more memory and no more time a step @whole', async ({ page, soakSteps }) => {
  test.setTimeout(60_000 + soakSteps * 500);
  const news = await TrainerNews.hear(page.context());
  const heap = await HeapWatch.start(page, 2000);
  await prepareRun(page, {
    device: 'webgpu',
    model: 'dropped',
    settings: { max_steps: String(soakSteps), save_steps: String(saveSteps), per_device_train_batch_size: '1', max_length: '16' },
  });
  await watchDevices(page);
  await (await trainerWorker(page)).evaluate(countMoves);
  await startAndReach(page, news, 20);

  const samples: Sample[] = [];
  const everySteps = Math.max(10, Math.floor(soakSteps / 40));
  while ((await phaseOf(page)) === 'training') {
    heap.takePeaks();
    const from = news.lastStep;
    const isFurther = async () => news.lastStep >= from + everySteps || (await phaseOf(page)) !== 'training';
    await expect.poll(isFurther, { timeout: 120_000 }).toBe(true);
    const { liveBytes } = heap.takePeaks();
    const gpuBytes = await deviceBytes(page);
    if (liveBytes > 0) samples.push({ step: news.lastStep, atMs: Date.now(), heapBytes: liveBytes, gpuBytes });
  }
  await expect.poll(() => news.lastStep, { timeout: 60_000 }).toBe(soakSteps);
  const checkpoints = await (await trainerWorker(page)).evaluate(() => Number(Reflect.get(globalThis, 'checkpointsMoved')));
  await heap.stop();

  const [first, last] = [samples.at(0), samples.at(-1)];
  if (!first || !last) throw new Error('Nothing was measured.');
  const heapSlope = slope(samples, ({ heapBytes }) => heapBytes);
  const gpuSlope = slope(samples, ({ gpuBytes }) => gpuBytes);
  const stepMs = (part: readonly Sample[]) => {
    const [begin, end] = [part.at(0), part.at(-1)];
    return begin && end ? (end.atMs - begin.atMs) / (end.step - begin.step) : Number.NaN;
  };
  const half = Math.floor(samples.length / 2);
  const [earlyMs, lateMs] = [stepMs(samples.slice(0, half + 1)), stepMs(samples.slice(half))];
  console.log(
    `${soakSteps} steps, ${samples.length} samples: heap ${(first.heapBytes / 1e6).toFixed(1)} to ${(last.heapBytes / 1e6).toFixed(1)} MB, ` +
      `${heapSlope.toFixed(0)} bytes a step; GPU ${(last.gpuBytes / 1e6).toFixed(2)} MB, ${gpuSlope.toFixed(2)} bytes a step; ` +
      `a step ${earlyMs.toFixed(1)} ms in the first half, ${lateMs.toFixed(1)} ms in the second; ${checkpoints} checkpoints`,
  );
  expect(checkpoints).toBeGreaterThanOrEqual(Math.floor((soakSteps - 1) / saveSteps));
  // While a checkpoint is read back, its staging is there too.
  const fewestBytes = (part: readonly Sample[]) => Math.min(...part.map(({ gpuBytes }) => gpuBytes));
  expect(fewestBytes(samples.slice(half)), 'GPU bytes are flat').toBe(fewestBytes(samples.slice(0, half)));
  // A step's record in worker and page takes some hundred bytes; a leaked checkpoint takes hundreds of thousands.
  expect(heapSlope * soakSteps, 'what the heap grows by').toBeLessThan(6e6 + 600 * soakSteps);
  expect(lateMs / earlyMs, 'the second half takes no longer').toBeLessThan(1.5);
});

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
