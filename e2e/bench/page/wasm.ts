import { createWasmExecutor } from '../../../workers/engine/wasm/executor';
import { wasmOps } from '../../../workers/ops/wasm/index';
import { classifierOf } from './classifier';
import { timeSteps } from './measure';
import { measureProducts, type Peak } from './peak';
import { countsOf, plainRow, type BenchAnswer, type BenchRequest } from './runWorkload';
import { createWasmEngine } from './wasmEngine';

/** Our step on the processor. */
export async function runWasm({ workload, peak, ...effort }: BenchRequest): Promise<BenchAnswer> {
  const engine = await createWasmEngine(workload);
  await timeSteps(engine, workload, 0, { steps: 1, seconds: 0 });
  const firstStepMs = performance.now();
  const timing = await timeSteps(engine, workload, 1, effort);
  const { train } = classifierOf(workload, 'float32');
  const row = {
    ...plainRow(engine, workload, { name: 'tunelet on wasm', precision: 'float32' }, timing),
    ...countsOf({ graph: train }, workload, timing.samples, peak),
    dispatches: null,
    submits: null,
    bindGroups: null,
    encodeMs: null,
    firstStepMs,
  };
  engine.dispose();
  return { rows: [row], ratio: null };
}

/** On the processor, with every thread. */
export async function measureWasmPeak(): Promise<Peak> {
  const threads = navigator.hardwareConcurrency;
  return { ...(await measureProducts(() => createWasmExecutor({ ops: wasmOps, threads }))), copyBytesPerSecond: null };
}
