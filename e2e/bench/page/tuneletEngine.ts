import { createWgslExecutor } from '../../../workers/engine/wgsl/executor';
import type { Graph, Value } from '../../../workers/engine/graph';
import type { StepValues } from '../../../workers/engine/step';
import { ops } from '../../../workers/ops/index';
import { gpt2Model } from '../../../workers/models/gpt2Model';
import { buildClassifierGraphs } from '../../../workers/training/graphs';
import { initialParameters } from '../../../workers/training/initialise';
import type { BenchEngine } from './count';
import { packedTokens, randomRows, type Workload } from './workload';

const step: StepValues = {
  dropoutSeed: 1,
  lossWeight: 1 / 4,
  accumulate: false,
  learningRate: 5e-4,
  weightDecay: 0.01,
  maxGradNorm: 1,
  correction1: 0.1,
  correction2: 0.001,
};

/** Our step on the WGSL executor; float16 weights unless told otherwise, no cutting of long steps. */
export async function createTunelet(workload: Workload, storage: 'float16' | 'float32' = 'float16'): Promise<BenchEngine> {
  const { layers, width, heads, positions, vocabulary, labels, r, loraAlpha } = workload;
  const model = gpt2Model({
    nLayer: layers,
    nEmbd: width,
    nHead: heads,
    nPositions: positions,
    vocabSize: vocabulary,
    nInner: 4 * width,
    layerNormEpsilon: 1e-5,
    padTokenId: vocabulary - 1,
    eosTokenId: vocabulary - 1,
    initializerRange: 0.02,
    scaleAttnWeights: true,
    scaleAttnByInverseLayerIdx: false,
  });
  const { train, layout } = buildClassifierGraphs(model, {
    lora: { r, scaling: loraAlpha / r, dropout: 0, adapts: (module) => module.endsWith('.c_attn') },
    labelCount: labels,
    storage,
  });
  const executor = await createWgslExecutor({ ops, maxSubmitMs: Infinity });
  const weights = weightsOf(train);
  executor.allocateWeights(weights);
  for (const weight of wholeTensors(weights)) executor.writeWeights(weight);
  await executor.finishWeights();
  executor.allocateParameters(layout.size);
  executor.writeState('parameters', initialParameters(layout, 1, 0.02));
  const batch = packedTokens(workload);
  const program = await executor.prepare(train, batch);
  return {
    async step() {
      const readings = await program.run(batch, step, true);
      return { loss: readings.get('loss')?.[0] ?? Number.NaN, encodeMs: program.lastRun?.encodeMs ?? null };
    },
    dispose: () => {
      program.dispose();
      executor.dispose();
    },
  };
}

function weightsOf(graph: Graph): Value[] {
  return [
    ...new Set(graph.nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'weight'))),
  ];
}

/** Each checkpoint tensor once, whole: a norm's weight is ones, a bias zeros, a matrix random. */
function* wholeTensors(weights: readonly Value[]) {
  const done = new Set<string>();
  for (const { role, shape } of weights) {
    if (role.kind !== 'weight' || done.has(role.tensor)) continue;
    done.add(role.tensor);
    const views = weights.filter((other) => other.role.kind === 'weight' && other.role.tensor === role.tensor);
    const rowLength = Math.max(
      ...views.map((view) =>
        view.role.kind === 'weight' && view.role.columns ? view.role.columns[1] : Number(view.shape.at(-1)),
      ),
    );
    const rows = shape.length === 1 ? 1 : Number(shape[0]);
    const values =
      shape.length === 2
        ? randomRows(rows * rowLength)
        : new Float32Array(rowLength).fill(role.tensor.endsWith('.weight') ? 1 : 0);
    yield { tensor: role.tensor, rowOffset: 0, rows, rowLength, values };
  }
}
