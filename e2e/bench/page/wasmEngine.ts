import type { Batch } from '../../../workers/engine/executor';
import { createWasmExecutor } from '../../../workers/engine/wasm/executor';
import { wasmOps } from '../../../workers/ops/wasm/index';
import { initialParameters } from '../../../workers/training/initialise';
import { benchStep, classifierOf, weightsOf, wholeTensors } from './classifier';
import type { BenchEngine } from './count';
import { capacityOf, packedBatches, type Workload } from './workload';

/** Every logical processor, eight at most, as the application takes them; one where the page is not cross-origin isolated. */
function defaultThreads(): number {
  return crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency || 1) : 1;
}

/** Our step on the processor: float32 throughout. */
export async function createWasmEngine(workload: Workload, threads = defaultThreads()): Promise<BenchEngine> {
  const { train, layout } = classifierOf(workload, 'float32');
  const executor = await createWasmExecutor({ ops: wasmOps, threads });
  const weights = weightsOf(train);
  executor.allocateWeights(weights);
  for (const weight of wholeTensors(weights)) executor.writeWeights(weight);
  await executor.finishWeights();
  executor.allocateParameters(layout.size);
  executor.writeState('parameters', initialParameters(layout, 1, 0.02));
  const batches = packedBatches(workload);
  const program = await executor.prepare(train, capacityOf(batches));
  const batchAt = (at: number): Batch => {
    const batch = batches[at % batches.length];
    if (!batch) throw new Error('The workload has no batch.');
    return batch;
  };
  return {
    async step(at) {
      const batch = batchAt(at);
      const readings = await program.run(batch, benchStep(batch.sequences), true);
      return { loss: readings.get('loss')?.[0] ?? Number.NaN, encodeMs: null };
    },
    get bytes() {
      return { weights: executor.weightBytes, arenas: program.arenaBytes, total: executor.memoryBytes };
    },
    async profile() {
      const batch = batchAt(0);
      const times: { label: string; elapsedMs: number }[] = [];
      program.onNode = ({ op }, elapsedMs) => times.push({ label: op, elapsedMs });
      await program.run(batch, benchStep(batch.sequences), true);
      program.onNode = null;
      return times;
    },
    dispose: () => {
      program.dispose();
      executor.dispose();
    },
  };
}
