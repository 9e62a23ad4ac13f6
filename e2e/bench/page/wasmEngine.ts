import { createWasmExecutor } from '../../../workers/engine/wasm/executor';
import { wasmOps } from '../../../workers/ops/wasm/index';
import { initialParameters } from '../../../workers/training/initialise';
import { benchStep, classifierOf, weightsOf, wholeTensors } from './classifier';
import type { BenchEngine } from './count';
import { capacityOf, packedBatches, type Workload } from './workload';

/** Our step on the processor, with every thread. */
export async function createWasmEngine(workload: Workload): Promise<BenchEngine> {
  const { train, layout } = classifierOf(workload, 'float32');
  const executor = await createWasmExecutor({ ops: wasmOps, threads: navigator.hardwareConcurrency });
  const weights = weightsOf(train);
  const before = executor.memoryBytes;
  executor.allocateWeights(weights);
  for (const weight of wholeTensors(weights)) executor.writeWeights(weight);
  await executor.finishWeights();
  const weightBytes = executor.memoryBytes - before;
  executor.allocateParameters(layout.size);
  executor.writeState('parameters', initialParameters(layout, 1, 0.02));
  const batches = packedBatches(workload);
  const program = await executor.prepare(train, capacityOf(batches));
  return {
    async step(at) {
      const batch = batches[at % batches.length];
      if (!batch) throw new Error('The workload has no batch.');
      const readings = await program.run(batch, benchStep(batch.sequences), true);
      return { loss: readings.get('loss')?.[0] ?? Number.NaN, encodeMs: null };
    },
    get bytes() {
      return { weights: weightBytes, arenas: program.arenaBytes, total: executor.memoryBytes };
    },
    dispose: () => {
      program.dispose();
      executor.dispose();
    },
  };
}
