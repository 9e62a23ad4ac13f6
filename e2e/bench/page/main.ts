import { GpuCounter, type BenchEngine } from './count';
import { createTfjsPeer } from './tfjsPeer';
import { createTunelet } from './tuneletEngine';
import { gpt2Workload, workloadName, type Workload } from './workload';

export interface BenchRow {
  workload: string;
  engine: 'tunelet' | 'tfjs' | 'pytorch';
  msPerStep: number;
  msMinimum: number;
  msMaximum: number;
  examplesPerSecond: number;
  dispatches: number;
  submits: number;
  bindGroups: number;
  encodeMs: number;
  gpuBytes: number;
}

export interface BenchReport {
  device: string;
  rows: BenchRow[];
  /** tfjs over Tunelet, by workload. */
  ratios: { workload: string; median: number; minimum: number; maximum: number }[];
}

declare global {
  interface Window {
    runBench(request: { layers: number; rounds: number; peer: boolean }): Promise<BenchReport>;
  }
}

interface Sample {
  ms: number;
  encodeMs: number;
  dispatches: number;
  submits: number;
  bindGroups: number;
}

const counter = new GpuCounter();

window.runBench = async ({ layers, rounds, peer }) => {
  const adapter = await navigator.gpu.requestAdapter();
  const info = adapter?.info;
  const device = `${info?.vendor ?? '?'} ${info?.architecture ?? ''} ${info?.description ?? ''}`.trim();
  const workload = gpt2Workload(layers);
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  const tunelet = await createTunelet(workload);
  const tuneletBytes = counter.bufferBytes;
  await timed(tunelet);
  const tfjs = peer ? await createTfjsPeer(workload) : null;
  if (tfjs) await timed(tfjs);
  let tfjsBytes = 0;
  for (let round = 0; round < rounds; round++) {
    ours.push(await timed(tunelet));
    if (!tfjs) continue;
    theirs.push(await timed(tfjs));
    tfjsBytes = Math.max(tfjsBytes, counter.peakBufferBytes - tuneletBytes);
  }
  const rows = [row('tunelet', workload, ours, tuneletBytes)];
  const ratios: BenchReport['ratios'] = [];
  if (tfjs) {
    rows.push(row('tfjs', workload, theirs, tfjsBytes));
    const each = ours.map((sample, at) => (theirs[at]?.ms ?? Number.NaN) / sample.ms);
    ratios.push({
      workload: workloadName(workload),
      median: median(each),
      minimum: Math.min(...each),
      maximum: Math.max(...each),
    });
  }
  tunelet.dispose();
  tfjs?.dispose();
  return { device, rows, ratios };
};

async function timed(engine: BenchEngine): Promise<Sample> {
  counter.reset();
  const start = performance.now();
  const { loss, encodeMs } = await engine.step();
  const ms = performance.now() - start;
  if (!Number.isFinite(loss)) throw new Error(`A benchmark step gave loss ${loss}.`);
  return {
    ms,
    encodeMs: encodeMs ?? ms,
    dispatches: counter.dispatches,
    submits: counter.submits,
    bindGroups: counter.bindGroups,
  };
}

function row(engine: BenchRow['engine'], workload: Workload, samples: Sample[], gpuBytes: number): BenchRow {
  const ms = samples.map((sample) => sample.ms);
  const msPerStep = median(ms);
  return {
    workload: workloadName(workload),
    engine,
    msPerStep,
    msMinimum: Math.min(...ms),
    msMaximum: Math.max(...ms),
    examplesPerSecond: (workload.sequences * 1000) / msPerStep,
    dispatches: samples.at(-1)?.dispatches ?? 0,
    submits: samples.at(-1)?.submits ?? 0,
    bindGroups: Math.max(...samples.map((sample) => sample.bindGroups)),
    encodeMs: median(samples.map((sample) => sample.encodeMs)),
    gpuBytes,
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
