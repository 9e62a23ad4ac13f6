import type { WeightRows } from '../../../workers/engine/executor';
import type { Graph, Value, WeightStorage } from '../../../workers/engine/graph';
import type { StepValues } from '../../../workers/engine/step';
import { matchesTarget } from '../../../workers/lora/targets';
import { gpt2Model } from '../../../workers/models/gpt2Model';
import { buildClassifierGraphs, type ClassifierGraphs } from '../../../workers/training/graphs';
import { padTokenOf, randomRows, type Workload } from './workload';

/** The values of every benchmark step; its results do not matter, its work does. */
export function benchStep(sequences: number): StepValues {
  return {
    dropoutSeed: 1,
    lossWeight: 1 / sequences,
    accumulate: false,
    learningRate: 5e-4,
    weightDecay: 0.01,
    maxGradNorm: 1,
    correction1: 0.1,
    correction2: 0.001,
  };
}

/** The workload's training graph, as a run would build it. */
export function classifierOf(workload: Workload, storage: WeightStorage, fp16 = false): ClassifierGraphs {
  const { layers, width, heads, positions, vocabulary, labels, r, loraAlpha, targets } = workload;
  const model = gpt2Model({
    nLayer: layers,
    nEmbd: width,
    nHead: heads,
    nPositions: positions,
    vocabSize: vocabulary,
    nInner: 4 * width,
    layerNormEpsilon: 1e-5,
    padTokenId: padTokenOf(workload),
    eosTokenId: padTokenOf(workload),
    initializerRange: 0.02,
    scaleAttnWeights: true,
    scaleAttnByInverseLayerIdx: false,
  });
  const lora = { r, scaling: loraAlpha / r, dropout: 0, adapts: (module: string) => matchesTarget(module, targets) };
  return buildClassifierGraphs(model, { lora, labelCount: labels, storage }, { fp16 });
}

export function weightsOf(graph: Graph): Value[] {
  return [
    ...new Set(graph.nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'weight'))),
  ];
}

/** Each checkpoint tensor once, whole: a norm's weight is ones, a bias zeros, a matrix random. */
export function* wholeTensors(weights: readonly Value[]): Generator<WeightRows> {
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
