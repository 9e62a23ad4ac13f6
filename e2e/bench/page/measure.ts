import type { DeviceFindings } from '../../../workers/engine/wgsl/executor';
import { GpuCounter, type BenchEngine } from './count';
import { lengthsOf, type Workload } from './workload';

/** One step as it was timed. */
export interface Sample {
  ms: number;
  encodeMs: number;
  texts: number;
  tokens: number;
}

/** Steps that were timed together, and what each of them asked of WebGPU. */
export interface Timing {
  samples: Sample[];
  dispatches: number;
  submits: number;
  bindGroups: number;
}

/** How much to measure: at least one step, then until either is used up. */
export interface Effort {
  steps: number;
  seconds: number;
}

/** One line of the table. */
export interface BenchRow {
  workload: string;
  engine: string;
  /** Of the numbers: `float16 weights`, `fp16`, `bf16 autocast`, … */
  precision: string;
  steps: number;
  msPerStep: number;
  msMinimum: number;
  msMaximum: number;
  examplesPerSecond: number;
  /** Padding not counted. */
  tokensPerSecond: number;
  encodeMs: number | null;
  dispatches: number | null;
  submits: number | null;
  bindGroups: number | null;
  weightBytes: number | null;
  arenaBytes: number | null;
  gpuBytes: number | null;
  /** Of the workload's first batch. */
  multiplyAdds: { executed: number; minimum: number; perToken: number } | null;
  /** The minimum's multiply-adds a second, in units of the large square product's. */
  peakShare: number | null;
  /** From the page's (or the process') start to the end of the first step. */
  firstStepMs: number | null;
  kernels: KernelTime[] | null;
  /** What the executor found out about the device before it ran. */
  findings: DeviceFindings | null;
  note: string | null;
}

export interface KernelTime {
  label: string;
  dispatches: number;
  ms: number;
}

let counter: GpuCounter | null = null;

/** What is asked of WebGPU on this page; installed at the first call. */
export function gpuCounter(): GpuCounter {
  counter ??= new GpuCounter();
  return counter;
}

/**
 * Steps from batch `first` on, `depth` of them under way at a time as in training; a step's time is what passed since the
 * end of the one before. Throws where a loss is not finite.
 */
export async function timeSteps(
  engine: BenchEngine,
  workload: Workload,
  first: number,
  { steps, seconds }: Effort,
  depth = 1,
): Promise<Timing> {
  const samples: Sample[] = [];
  const pending: Promise<void>[] = [];
  const counts = gpuCounter();
  counts.reset();
  const begin = performance.now();
  let last = begin;
  for (let at = first; at < first + steps; at++) {
    if (at > first && performance.now() - begin > seconds * 1000) break;
    if (pending.length >= depth) await pending.shift();
    const lengths = lengthsOf(workload, at);
    const finish = async (): Promise<void> => {
      const { loss, encodeMs } = await engine.step(at);
      const now = performance.now();
      if (!Number.isFinite(loss)) throw new Error(`A benchmark step gave loss ${loss}.`);
      samples.push({ ms: now - last, encodeMs: encodeMs ?? now - last, texts: lengths.length, tokens: total(lengths) });
      last = now;
    };
    pending.push(finish());
  }
  await Promise.all(pending);
  const each = (count: number): number => Math.round(count / samples.length);
  return {
    samples,
    dispatches: each(counts.dispatches),
    submits: each(counts.submits),
    bindGroups: each(counts.bindGroups),
  };
}

/** The times of samples as part of a row. */
export function timesOf(
  samples: readonly Sample[],
): Pick<BenchRow, 'steps' | 'msPerStep' | 'msMinimum' | 'msMaximum' | 'examplesPerSecond' | 'tokensPerSecond'> {
  const ms = samples.map((sample) => sample.ms);
  const seconds = total(ms) / 1000;
  return {
    steps: samples.length,
    msPerStep: median(ms),
    msMinimum: Math.min(...ms),
    msMaximum: Math.max(...ms),
    examplesPerSecond: total(samples.map(({ texts }) => texts)) / seconds,
    tokensPerSecond: total(samples.map(({ tokens }) => tokens)) / seconds,
  };
}

/** Sums the times of equal kernels, longest first. */
export function kernelTable(times: readonly { label: string; elapsedMs: number }[]): KernelTime[] {
  const table = new Map<string, KernelTime>();
  for (const { label, elapsedMs } of times) {
    const row = table.get(label) ?? { label, dispatches: 0, ms: 0 };
    row.dispatches += 1;
    row.ms += elapsedMs;
    table.set(label, row);
  }
  return [...table.values()].sort((a, b) => b.ms - a.ms);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
