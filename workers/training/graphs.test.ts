import { describe, expect, it } from 'vitest';
import { checkpoint } from '../engine/checkpoint';
import type { Graph } from '../engine/graph';
import { ParameterLayout } from '../engine/parameters';
import { collate } from '../data/collate';
import type { BaseModel, ClassifierPlan } from '../models/architecture';
import { gpt2Model } from '../models/gpt2Model';
import { fuse } from '../ops/fuse';
import { engineBatch } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { trainingGraph } from './graphs';
import { initialParameters } from './initialise';
import { RandomStream } from './random';

function tinyModel(nLayer: number): BaseModel {
  return gpt2Model({
    nLayer, nEmbd: 12, nHead: 3, nPositions: 16, vocabSize: 29, nInner: 20, layerNormEpsilon: 1e-5, padTokenId: 0, eosTokenId: 0,
    initializerRange: 0.3, scaleAttnWeights: true, scaleAttnByInverseLayerIdx: true,
  }); // prettier-ignore
}

function plan(targets: readonly string[], dora = false): ClassifierPlan {
  return {
    lora: { r: 2, scaling: 1.5, dropout: 0.3, dora, adapts: (module) => targets.some((target) => module.endsWith(target)) },
    labelCount: 3,
    storage: 'float32',
  };
}

async function gradientsOf(graph: Graph, layout: ParameterLayout): Promise<Map<string, Float32Array>> {
  const executor = createReferenceExecutor();
  const random = new RandomStream(5, 'weights');
  for (const value of new Set(graph.nodes.flatMap((node) => node.inputs))) {
    if (value?.role.kind !== 'weight' || value.role.columns) continue;
    const [rows, columns] = value.shape.length === 1 ? [1, value.shape[0]] : value.shape;
    const values = Float32Array.from({ length: Number(rows) * Number(columns) }, () => random.normal() * 0.4);
    executor.writeWeights({ tensor: value.role.tensor, rowOffset: 0, rows: Number(rows), rowLength: Number(columns), values });
  }
  for (const layer of [0, 1, 2]) {
    for (const [tensor, rows] of [
      [`h.${layer}.attn.c_attn.weight`, 12],
      [`h.${layer}.attn.c_attn.bias`, 1],
    ] as const) {
      const stream = new RandomStream(layer, tensor);
      const values = Float32Array.from({ length: rows * 36 }, () => stream.normal() * 0.4);
      executor.writeWeights({ tensor, rowOffset: 0, rows, rowLength: 36, values });
    }
  }
  executor.allocateParameters(layout.size);
  const start = initialParameters(layout, 3, 0.5);
  executor.writeState(
    'parameters',
    start.map((value, index) => value + 0.1 * Math.sin(index)),
  );
  const program = await executor.prepare(graph, { tokens: 16, sequences: 4 });
  const batch = collate(
    [[3, 4, 5, 6], [7], [8, 9, 10]].map((inputIds, index) => ({ inputIds, label: index })),
    0,
  );
  const step = {
    dropoutSeed: 77,
    lossWeight: 1 / 3,
    accumulate: false,
    learningRate: 0,
    weightDecay: 0,
    maxGradNorm: 0,
    correction1: 1,
    correction2: 1,
  };
  await program.run(engineBatch(batch), step, false);
  return layout.unpack(await executor.readState('gradients'));
}

describe('the training graph', () => {
  it.each([
    { targets: ['c_attn'], layers: 1 },
    { targets: ['c_attn'], layers: 3 },
    { targets: ['c_attn', 'c_proj', 'c_fc'], layers: 3 },
    { targets: ['c_fc'], layers: 2 },
  ])('computes the same gradients fused, $targets in $layers layers', async ({ targets, layers }) => {
    const layout = new ParameterLayout();
    const plain = trainingGraph(tinyModel(layers), plan(targets), layout);
    const fused = fuse(plain);
    expect(fused.nodes.length).toBeLessThan(plain.nodes.length);
    expect(fused.nodes.filter((node) => ['add', 'gelu', 'geluGradient'].includes(node.op))).toEqual([]);
    const [a, b] = [await gradientsOf(plain, layout), await gradientsOf(fused, layout)];
    for (const [name, gradient] of a) {
      expect(Math.max(...gradient.map(Math.abs)), name).toBeGreaterThan(0);
      gradient.forEach((value, index) => expect(b.get(name)?.[index], name).toBeCloseTo(value, 6));
    }
  });

  it.each([{ targets: ['c_attn'] }, { targets: ['c_attn', 'c_proj', 'c_fc'] }])(
    'computes the same gradients fused with DoRA, $targets',
    async ({ targets }) => {
      const layout = new ParameterLayout();
      const plain = trainingGraph(tinyModel(2), plan(targets, true), layout);
      const fused = fuse(plain);
      expect(fused.nodes.length).toBeLessThan(plain.nodes.length);
      // The gradient of the head's input; all others ride in products.
      expect(fused.nodes.filter(({ op }) => op === 'expand')).toHaveLength(1);
      const [a, b] = [await gradientsOf(plain, layout), await gradientsOf(fused, layout)];
      expect([...a.keys()].filter((name) => name.endsWith('.lora_magnitude_vector'))).toHaveLength(
        2 * (targets.length + (targets.length > 1 ? 1 : 0)),
      );
      for (const [name, gradient] of a) {
        expect(Math.max(...gradient.map(Math.abs)), name).toBeGreaterThan(0);
        gradient.forEach((value, index) => expect(b.get(name)?.[index], name).toBeCloseTo(value, 6));
      }
    },
  );

  it.each([
    { targets: ['c_attn'] },
    { targets: ['c_attn', 'c_proj', 'c_fc'] },
    { targets: ['h.1.mlp.c_fc'] },
    { targets: ['c_attn', 'c_fc'], dora: true },
  ])(
    'computes the very same gradients where blocks are computed again, dropout and all, $targets',
    async ({ targets, dora = false }) => {
      const layout = new ParameterLayout();
      const whole = trainingGraph(tinyModel(3), plan(targets, dora), layout);
      const again = fuse(checkpoint(whole));
      expect(again.nodes.length).toBeGreaterThan(fuse(whole).nodes.length);
      expect(await gradientsOf(again, layout)).toEqual(await gradientsOf(fuse(whole), layout));
    },
  );

  it('computes nothing below the lowest adapted layer and no gradient of a frozen weight', () => {
    const graph = fuse(trainingGraph(tinyModel(3), plan(['h.2.attn.c_attn']), new ParameterLayout()));
    const backward = graph.nodes.slice(graph.nodes.findIndex((node) => node.op === 'crossEntropyGradient'));
    const touched = backward.flatMap((node) =>
      node.inputs.flatMap((input) => (input?.role.kind === 'weight' ? [input.role.tensor] : [])),
    );
    expect(touched.filter((tensor) => tensor.startsWith('h.0.') || tensor.startsWith('h.1.'))).toEqual([]);
    expect(touched).not.toContain('h.2.attn.c_attn.weight');
    expect(graph.nodes.filter((node) => node.op === 'weightGradient').length).toBe(4);
  });
});
