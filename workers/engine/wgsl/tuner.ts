import type { Node, Value } from '../graph';
import { countsOf, elementCount, targetsOf, type Counts } from '../shape';
import { idleStep } from '../step';
import { hashOf, type Findings } from './findings';
import type { Kernel } from './kernel';
import { sourcesOf } from './kernelProof';
import { Memory } from './memory';
import type { PipelineCache } from './pipelines';
import { readStaging } from './readback';
import { timestampBytes } from './stopwatch';
import { TrialBench, type Trial } from './trial';

/** Variants of one choice, on the shapes of one node. */
export interface Contest {
  name: string;
  node: Node;
  preferred: string;
  variants: readonly { name: string; kernels: readonly Kernel[] }[];
}

export interface TunerReport {
  name: string;
  shapes: string;
  /** Milliseconds, by variant. */
  times: Record<string, number>;
  fastest: string;
}

/** All measuring on a device, compiling apart. */
const budgetMs = 1500;
/** A variant is repeated for about so long, so that the clock's steps and a submit's own time count little. */
const sampleMs = { timestamps: 4, wallClock: 15 };
const samples = 3;
const mostRepetitions = 50;
/** Multiply-adds of a measured dispatch at most: the slowest variant of a slow device must not hold the page up. */
const mostWork = 2e9;
/** A variant takes the preferred one's place only where it is faster by more than measuring errs. */
const marginOfError = 0.97;

/** Measures variants once per device and class of shapes. */
export class Tuner {
  /** What was measured since the device was opened. */
  readonly reports: TunerReport[] = [];
  elapsedMs = 0;
  private readonly device: GPUDevice;
  private readonly pipelines: PipelineCache;
  private readonly findings: Findings;

  constructor(device: GPUDevice, pipelines: PipelineCache, findings: Findings) {
    this.device = device;
    this.pipelines = pipelines;
    this.findings = findings;
  }

  /** The fastest variant by the choice's name. Where time runs out, choices keep the preferred variant. */
  async fastest(contests: readonly Contest[], capacity: Counts): Promise<Record<string, string>> {
    await this.findings.load();
    const begin = performance.now();
    const chosen: Record<string, string> = {};
    const open = contests.filter(({ variants }) => variants.length > 1);
    for (const [index, contest] of open.entries()) {
      const counts = affordable(contest, capacity);
      const key = await keyOf(contest, counts);
      const known = this.findings.fastestOf(key);
      if (known !== undefined && contest.variants.some(({ name }) => name === known)) {
        chosen[contest.name] = known;
        continue;
      }
      const left = budgetMs - this.elapsedMs - (performance.now() - begin);
      if (left <= 0) break;
      const report = await this.contest(contest, counts, left / (open.length - index));
      if (!report) continue;
      this.reports.push(report);
      this.findings.setFastest(key, report.fastest);
      chosen[contest.name] = report.fastest;
    }
    await this.findings.save();
    this.elapsedMs += performance.now() - begin;
    return chosen;
  }

  /** Null where not every variant could be measured within the time. */
  private async contest(contest: Contest, counts: Counts, timeMs: number): Promise<TunerReport | null> {
    const compiled = await this.pipelines.compile(contest.variants.flatMap(({ kernels }) => kernels));
    const kernels = contest.variants.flatMap((variant) => variant.kernels);
    const trial: Trial = { kernels, counts, step: idleStep, contents: packed(kernels, counts), outputs: [] };
    const memory = new Memory(this.device);
    const clock = new PassClock(memory);
    try {
      const bench = new TrialBench(memory, [trial], [compiled]);
      await memory.settled();
      const deadline = performance.now() + timeMs;
      const times: Record<string, number> = {};
      let first = 0;
      for (const { name, kernels: own } of contest.variants) {
        const encode = (pass: GPUComputePassEncoder): void => own.forEach((_, at) => bench.dispatch(pass, 0, first + at));
        const measured = await measure(clock, encode, deadline);
        if (measured === null) return null;
        times[name] = measured;
        first += own.length;
      }
      const fastest = fastestOf(times, contest.preferred);
      return { name: contest.name, shapes: shapesOf(contest.node), times, fastest };
    } finally {
      clock.dispose();
      memory.releaseAll();
    }
  }
}

/** Milliseconds of one run: the least of some samples, each long enough for the clock. Null after the deadline. */
async function measure(
  clock: PassClock,
  encode: (pass: GPUComputePassEncoder) => void,
  deadline: number,
): Promise<number | null> {
  await clock.time(encode, 1);
  const once = await clock.time(encode, 1);
  const wanted = clock.hasTimestamps ? sampleMs.timestamps : sampleMs.wallClock;
  const repetitions = Math.max(1, Math.min(mostRepetitions, Math.ceil(wanted / Math.max(once, 1e-3))));
  let least = repetitions === 1 ? once : Infinity;
  for (let sample = 0; sample < samples; sample++) {
    if (performance.now() > deadline) return least < Infinity ? least : null;
    least = Math.min(least, (await clock.time(encode, repetitions)) / repetitions);
  }
  return least;
}

/** Times compute passes: by timestamps where the device has them, else until the queue is done. */
class PassClock {
  private readonly memory: Memory;
  private readonly queries: GPUQuerySet | null;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(memory: Memory) {
    const { device } = memory;
    this.memory = memory;
    const timed = device.features.has('timestamp-query');
    this.queries = timed ? device.createQuerySet({ type: 'timestamp', count: 2 }) : null;
    this.resolved = memory.allocate('tuning times', timestampBytes, GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
    this.staging = memory.allocate('tuning times read', timestampBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  get hasTimestamps(): boolean {
    return this.queries !== null;
  }

  /** Milliseconds of one pass of so many repetitions. */
  async time(encode: (pass: GPUComputePassEncoder) => void, repetitions: number): Promise<number> {
    const { device } = this.memory;
    const encoder = device.createCommandEncoder();
    const timestampWrites = this.queries && { querySet: this.queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
    for (let repetition = 0; repetition < repetitions; repetition++) encode(pass);
    pass.end();
    if (this.queries) {
      encoder.resolveQuerySet(this.queries, 0, 2, this.resolved, 0);
      encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, timestampBytes);
    }
    const begin = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const waited = performance.now() - begin;
    if (!this.queries) return waited;
    const [start = 0n, end = 0n] = new BigUint64Array(await readStaging(this.staging, timestampBytes));
    return end > start ? Number(end - start) / 1e6 : waited;
  }

  dispose(): void {
    this.queries?.destroy();
  }
}

function fastestOf(times: Readonly<Record<string, number>>, preferred: string): string {
  const [first] = Object.entries(times).sort(([, a], [, b]) => a - b);
  if (!first) return preferred;
  const own = times[preferred];
  return own !== undefined && first[1] > own * marginOfError ? preferred : first[0];
}

/** Fewer rows where the whole batch would take a slow device too long; rates change little beyond some thousand. */
function affordable({ variants }: Contest, capacity: Counts): Counts {
  const work = Math.max(
    ...variants.map(({ kernels }) => kernels.reduce((sum, kernel) => sum + kernel.multiplyAdds(capacity), 0)),
  );
  const share = Math.min(1, mostWork / work);
  const least = (count: number): number => Math.max(1, Math.min(count, Math.max(64, Math.floor(count * share))));
  return { tokens: least(capacity.tokens), sequences: least(capacity.sequences), targets: least(targetsOf(capacity)) };
}

/** Choice, shapes, rows to the next power of two, and the variants' sources. */
async function keyOf({ name, node, variants }: Contest, counts: Counts): Promise<string> {
  const { tokens, sequences, targets } = countsOf(counts);
  const classOf = (count: number): number => 2 ** Math.ceil(Math.log2(count));
  const hash = await hashOf(variants.map(({ kernels }) => sourcesOf(kernels)).join('\n'));
  return `${name} ${shapesOf(node)} ${[tokens, sequences, targets].map(classOf).join(' ')} ${hash}`;
}

function shapesOf({ inputs }: Node): string {
  return inputs.map((input) => (input ? `${input.type} ${input.shape.join('x')}` : '-')).join(', ');
}

/** Integers of a batch of equal sequences and evenly spread targets, by value id: kernels over segments would have nothing to do with zeros. */
function packed(kernels: readonly Kernel[], counts: Counts): Map<number, Int32Array> {
  const values = kernels.flatMap(({ bindings }) => bindings.map(({ value }) => value));
  return new Map(values.filter(({ type }) => type === 'i32').map((value) => [value.id, integersOf(value, counts)]));
}

function integersOf({ role, shape }: Value, counts: Counts): Int32Array {
  const { tokens, sequences, targets } = countsOf(counts);
  const offset = (segment: number): number => Math.floor((segment * tokens) / sequences);
  const segmentOf = (row: number): number => Math.min(sequences - 1, Math.floor(((row + 1) * sequences - 1) / tokens));
  const targetRow = (target: number): number => Math.max(0, Math.floor(((target + 1) * tokens) / targets) - 1);
  const targetFrom = (row: number): number => Math.min(targets, Math.ceil(((row + 1) * targets) / tokens) - 1);
  const name = role.kind === 'input' ? role.name : '';
  const fill: Record<string, (index: number) => number> = {
    segmentOffsets: offset,
    rowSegments: segmentOf,
    pooledRows: targetRow,
    targetStarts: (target) => offset(segmentOf(targetRow(target))),
    rowTargets: (index) => targetFrom(index % 2 === 0 ? index >> 1 : offset(segmentOf(index >> 1) + 1)),
  };
  return Int32Array.from({ length: elementCount(shape, counts) }, (_, index) => fill[name]?.(index) ?? 0);
}
