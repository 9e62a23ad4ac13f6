import { expect, it } from 'vitest';
import type { Graph, WeightStorage } from '../engine/graph';
import { sourcesOf } from '../engine/wgsl/kernelProof';
import type { DeviceTraits } from '../engine/wgsl/kernel';
import { buildGenerationGraphs } from '../evaluation/generationGraph';
import type { BodyPlan } from '../models/architecture';
import { opNamed } from '../ops/index';
import { proofSource } from '../ops/proof';
import { gpt2Small } from '../testing/gpt2Graphs';
import { buildLanguageModelGraphs, buildScoringGraph, chunkFor } from './languageModelGraphs';

const device: DeviceTraits = {
  matmul: 'tiled',
  chosen: {},
  shaderF16: false,
  subgroups: null,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 32_768,
  maxStorageBufferBindingSize: 2 ** 27,
  software: false,
};

function graphsOf(storage: WeightStorage, fp16: boolean, dora: boolean): Graph[] {
  const lora = { r: 8, scaling: 2, dropout: 0.1, dora, adapts: (module: string) => module.endsWith('c_attn') };
  const plan: BodyPlan = { lora, storage };
  const graphs = buildLanguageModelGraphs(gpt2Small, plan, { training: 64, evaluation: 128 }, { fp16 });
  const generation = buildGenerationGraphs(gpt2Small, plan, graphs.layout, { texts: 4, tokensPerText: 256 });
  const scoring = buildScoringGraph(gpt2Small, plan, graphs.layout, { targets: 64, longestTokens: 256 });
  return [graphs.train, graphs.evaluate, scoring, generation.prefill, generation.decode];
}

// A device is let compute with kernels alone that some case proves.
it.each([
  ['float32', false, false],
  ['float16', true, false],
  ['int4', true, false],
  ['float32', false, true],
] as const)('GPT-2 as a language model has a case for every kernel: %s weights, fp16 %s, DoRA %s', (storage, fp16, dora) => {
  const unproven: string[] = [];
  const seen = new Set<string>();
  for (const node of graphsOf(storage, fp16, dora).flatMap(({ nodes }) => nodes)) {
    const op = opNamed(node.op);
    const kernels = op.kernel({ node, attributes: node.attributes as never, device });
    const sources = sourcesOf(kernels);
    if (seen.has(sources)) continue;
    seen.add(sources);
    if (!proofSource.trialOf(node, kernels, op, device)) unproven.push(`${node.op} ${JSON.stringify(node.attributes)}`);
  }
  expect(unproven).toEqual([]);
});

it('has logits of a part of the vocabulary at a time, 32 MB at the most', () => {
  expect(chunkFor(1, 257)).toBe(264);
  expect(chunkFor(64, 50_257)).toBe(50_264);
  for (const targets of [512, 2048, 8192]) {
    expect(chunkFor(targets, 128_256) * targets * 4).toBeLessThanOrEqual(32 * 2 ** 20);
    expect(chunkFor(targets, 128_256) % 8).toBe(0);
  }
});
