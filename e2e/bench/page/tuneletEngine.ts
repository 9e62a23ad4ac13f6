import type { Graph } from '../../../workers/engine/graph';
import { lossScaleStart } from '../../../workers/engine/lossScale';
import { createWgslExecutor, type WgslExecutor } from '../../../workers/engine/wgsl/executor';
import { WgslProgram } from '../../../workers/engine/wgsl/program';
import { ops } from '../../../workers/ops/index';
import { proofSource } from '../../../workers/ops/proof';
import { initialParameters } from '../../../workers/training/initialise';
import { benchStep, classifierOf, weightsOf, wholeTensors } from './classifier';
import type { BenchEngine } from './count';
import { capacityOf, packedBatches, type Workload } from './workload';

/** `float16 weights`: the default on a GPU; `fp16`: activations too; `float32`: neither. */
export type Precision = 'float16 weights' | 'fp16' | 'float32';

export interface TuneletEngine extends BenchEngine {
  readonly graph: Graph;
  readonly executor: WgslExecutor;
}

/** An executor as users get it, but for the cutting of long steps: kernels proven, on hardware the fastest variants measured. */
export async function createBenchExecutor(): Promise<WgslExecutor> {
  return createWgslExecutor({ ops, maxSubmitMs: Infinity, proof: proofSource, tuning: 'auto' });
}

/** Our step on the WGSL executor. */
export async function createTunelet(workload: Workload, precision: Precision = 'float16 weights'): Promise<TuneletEngine> {
  const storage = precision === 'float32' ? 'float32' : 'float16';
  const { train, layout } = classifierOf(workload, storage, precision === 'fp16');
  // A flag that nobody reads would give a row that says fp16 and is not.
  const isHalf = train.nodes.some(({ outputs }) => outputs.some(({ type }) => type === 'f16'));
  if (isHalf !== (precision === 'fp16'))
    throw new Error(`The graph for ${precision} holds ${isHalf ? '' : 'no '}float16 values.`);
  const executor = await createBenchExecutor();
  const weights = weightsOf(train);
  const before = executor.memoryBytes;
  executor.allocateWeights(weights);
  const weightBytes = executor.memoryBytes - before;
  for (const weight of wholeTensors(weights)) executor.writeWeights(weight);
  await executor.finishWeights();
  executor.allocateParameters(layout.size);
  executor.writeState('parameters', initialParameters(layout, 1, 0.02));
  if (precision === 'fp16') executor.writeState('lossScale', lossScaleStart());
  const batches = packedBatches(workload);
  const program = await executor.prepare(train, capacityOf(batches));
  const batchAt = (at: number) => batches[at % batches.length] ?? failNoBatch();
  return {
    graph: train,
    executor,
    async step(at) {
      const batch = batchAt(at);
      const readings = await program.run(batch, benchStep(batch.sequences), true);
      return { loss: readings.get('loss')?.[0] ?? Number.NaN, encodeMs: program.lastRun?.encodeMs ?? null };
    },
    get bytes() {
      return { weights: weightBytes, arenas: program.arenaBytes, total: executor.memoryBytes };
    },
    async profile() {
      const batch = batchAt(0);
      return program instanceof WgslProgram ? program.profile(batch, benchStep(batch.sequences)) : null;
    },
    dispose: () => {
      program.dispose();
      executor.dispose();
    },
  };
}

function failNoBatch(): never {
  throw new Error('The workload has no batch.');
}
