import { gpuCounter } from './measure';
import type { Peak } from './peak';
import { measureGpuPeak, runInTurn, runTunelet, type BenchAnswer, type BenchRequest } from './runWorkload';
import { createTfjsPeer } from './tfjsPeer';
import { measureWasmPeak, runWasm } from './wasm';

/** What the page's benchmark offers to the one that drives it. */
interface BenchDoor {
  /** Vendor, architecture and description of the adapter, and its features; with `wasm` the threads there are. */
  device(engine: BenchRequest['engine']): Promise<{ name: string; features: string[] }>;
  /** Of the GPU, or with `wasm` of the processor by TensorFlow.js' WebAssembly backend. */
  peak(engine: BenchRequest['engine']): Promise<Peak>;
  run(request: BenchRequest): Promise<BenchAnswer>;
}

declare global {
  interface Window {
    bench: BenchDoor;
  }
}

window.bench = {
  async device(engine) {
    if (engine === 'wasm') return { name: `processor, ${navigator.hardwareConcurrency} threads`, features: [] };
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    const info = adapter?.info;
    const name = `${info?.vendor ?? '?'} ${info?.architecture ?? ''} ${info?.description ?? ''}`.trim();
    return { name, features: adapter ? [...adapter.features].sort() : [] };
  },
  peak: (engine) => (engine === 'wasm' ? measureWasmPeak() : measureGpuPeak()),
  async run(request) {
    const counter = gpuCounter();
    if (request.engine === 'wasm') return runWasm(request);
    if (!request.tfjs) return runTunelet(request);
    let before = 0;
    const answer = await runInTurn(request, {
      name: 'tfjs',
      precision: 'float32',
      create: () => {
        before = counter.bufferBytes;
        return createTfjsPeer(request.workload);
      },
    });
    // tfjs does not say what it holds: what the page's buffers were above ours at most.
    const rows = answer.rows.map((row) => (row.engine === 'tfjs' ? { ...row, gpuBytes: counter.peakBufferBytes - before } : row));
    return { ...answer, rows };
  },
};
