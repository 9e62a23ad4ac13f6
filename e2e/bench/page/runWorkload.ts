import type { BenchEngine } from './count';
import { kernelTable, median, timeSteps, timesOf, type BenchRow, type Effort, type Timing } from './measure';
import { executedMultiplyAdds, minimumMultiplyAdds } from './multiplyAdds';
import { measureCopy, measureProducts, type Peak } from './peak';
import { createBenchExecutor, createTunelet, type Precision, type TuneletEngine } from './tuneletEngine';
import { lengthsOf, type Workload } from './workload';

/** One workload on one page or in one process, so that one's buffers never count as another's. */
export interface BenchRequest extends Effort {
  workload: Workload;
  engine: 'tunelet' | 'wasm';
  precision: Precision;
  /** Also the plain TensorFlow.js step, the two in turn. */
  tfjs: boolean;
  /** Multiply-adds a second of the large product, where it was measured. */
  peak: number | null;
}

export interface BenchAnswer {
  rows: BenchRow[];
  /** tfjs' time over ours, round by round. */
  ratio: { workload: string; median: number; minimum: number; maximum: number } | null;
}

/** Steps under way at a time; the trainer lets as many. */
const depth = 3;

/** Above this a step of its own for the kernels' times is not worth the wait. */
const longestProfiledMs = 60_000;

/** What the graphics device reaches on large products and copies. */
export async function measureGpuPeak(): Promise<Peak> {
  const products = await measureProducts(createBenchExecutor);
  return { ...products, copyBytesPerSecond: await measureCopy() };
}

/** Our engine alone. */
export async function runTunelet({ workload, precision, peak, ...effort }: BenchRequest): Promise<BenchAnswer> {
  const tunelet = await createTunelet(workload, precision);
  await timeSteps(tunelet, workload, 0, { steps: 1, seconds: 0 });
  const firstStepMs = performance.now();
  const timing = await timeSteps(tunelet, workload, 1, effort, depth);
  const row = await tuneletRow(tunelet, workload, precision, timing, { peak, firstStepMs });
  tunelet.dispose();
  return { rows: [row], ratio: null };
}

/** Our engine and another one in turn, step by step: noise of the machine meets both. */
export async function runInTurn(
  { workload, precision, peak, steps }: BenchRequest,
  other: { name: string; precision: string; create(): Promise<BenchEngine> },
): Promise<BenchAnswer> {
  const tunelet = await createTunelet(workload, precision);
  await timeSteps(tunelet, workload, 0, { steps: 1, seconds: 0 });
  const firstStepMs = performance.now();
  const peer = await other.create();
  await timeSteps(peer, workload, 0, { steps: 1, seconds: 0 });
  const ours: Timing[] = [];
  const theirs: Timing[] = [];
  for (let at = 1; at <= steps; at++) {
    ours.push(await timeSteps(tunelet, workload, at, { steps: 1, seconds: 0 }));
    theirs.push(await timeSteps(peer, workload, at, { steps: 1, seconds: 0 }));
  }
  const rows = [
    await tuneletRow(tunelet, workload, precision, joined(ours), { peak, firstStepMs }),
    plainRow(peer, workload, other, joined(theirs)),
  ];
  tunelet.dispose();
  peer.dispose();
  const each = ours.map(({ samples }, at) => (theirs[at]?.samples[0]?.ms ?? Number.NaN) / (samples[0]?.ms ?? Number.NaN));
  const ratio = { workload: workload.name, median: median(each), minimum: Math.min(...each), maximum: Math.max(...each) };
  return { rows, ratio };
}

/** A row of what any engine tells. */
export function plainRow(
  engine: BenchEngine,
  workload: Workload,
  { name, precision }: { name: string; precision: string },
  timing: Timing,
): BenchRow {
  const { samples, dispatches, submits, bindGroups } = timing;
  return {
    workload: workload.name,
    engine: name,
    precision,
    ...timesOf(samples),
    encodeMs: median(samples.map((sample) => sample.encodeMs)),
    dispatches,
    submits,
    bindGroups,
    weightBytes: engine.bytes?.weights ?? null,
    arenaBytes: engine.bytes?.arenas ?? null,
    gpuBytes: engine.bytes?.total ?? null,
    multiplyAdds: null,
    peakShare: null,
    firstStepMs: null,
    kernels: null,
    findings: null,
    note: null,
  };
}

/** Executed and least multiply-adds of the first batch, and the share of the peak over all measured steps. */
export function countsOf(
  { graph }: Pick<TuneletEngine, 'graph'>,
  workload: Workload,
  samples: Timing['samples'],
  peak: number | null,
): Pick<BenchRow, 'multiplyAdds' | 'peakShare'> {
  const lengths = lengthsOf(workload, 0);
  const executed = executedMultiplyAdds(graph, lengths);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const least = samples.reduce((sum, _, at) => sum + minimumMultiplyAdds(workload, lengthsOf(workload, at + 1)), 0);
  const seconds = samples.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  return {
    multiplyAdds: { executed, minimum: minimumMultiplyAdds(workload, lengths), perToken: executed / tokens },
    peakShare: peak === null ? null : least / seconds / peak,
  };
}

async function tuneletRow(
  engine: TuneletEngine,
  workload: Workload,
  precision: Precision,
  timing: Timing,
  { peak, firstStepMs }: { peak: number | null; firstStepMs: number },
): Promise<BenchRow> {
  const row = plainRow(engine, workload, { name: 'tunelet', precision }, timing);
  const times = row.msPerStep < longestProfiledMs ? await engine.profile?.() : null;
  return {
    ...row,
    ...countsOf(engine, workload, timing.samples, peak),
    firstStepMs,
    kernels: times ? kernelTable(times) : null,
    findings: engine.executor.findings,
  };
}

/** One timing of many steps; the counts are the last step's, and of bind groups the most that any step made. */
function joined(timings: readonly Timing[]): Timing {
  const last = timings.at(-1);
  if (!last) throw new Error('Nothing was measured.');
  return {
    ...last,
    samples: timings.flatMap(({ samples }) => samples),
    bindGroups: Math.max(...timings.map(({ bindGroups }) => bindGroups)),
  };
}
