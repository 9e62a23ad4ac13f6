import { describe, expect, it } from 'vitest';
import type { Graph } from '../engine/graph';
import { planMemory } from '../engine/memoryPlan';
import type { Counts } from '../engine/shape';
import type { DeviceTraits } from '../engine/wgsl/kernel';
import { opNamed } from '../ops/index';
import { mostLiveBytes } from '../testing/liveBytes';
import { buildClassifierGraphs } from './graphs';
import { gpt2Small } from '../testing/gpt2Graphs';

const traits: DeviceTraits = {
  matmul: 'tiled',
  chosen: {},
  shaderF16: false,
  subgroups: null,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxStorageBufferBindingSize: 2 ** 30,
  software: false,
};

function graphsOf(targets: readonly string[], gradientCheckpointing: boolean) {
  const adapts = (module: string): boolean => targets.some((target) => module.endsWith(target));
  const lora = { r: 8, scaling: 2, dropout: 0.1, adapts };
  return buildClassifierGraphs(gpt2Small, { lora, labelCount: 2, storage: 'float16' }, { gradientCheckpointing });
}

function arenaBytes(graph: Graph, counts: Counts): number {
  return planMemory(graph, counts, Infinity).arenaBytes.reduce((sum, bytes) => sum + bytes, 0);
}

function multiplyAdds(graph: Graph, counts: Counts): number {
  const kernels = graph.nodes.flatMap((node) =>
    opNamed(node.op).kernel({ node, attributes: node.attributes as never, device: traits }),
  );
  return kernels.reduce((sum, kernel) => sum + kernel.multiplyAdds(counts), 0);
}

const short = { tokens: 8 * 128, sequences: 8 };
const long = { tokens: 4 * 512, sequences: 4 };

describe.each([{ targets: ['c_attn'] }, { targets: ['c_attn', 'c_proj', 'c_fc'] }])('GPT-2 124M with $targets', ({ targets }) => {
  it.each([short, long])('keeps a fifth or less of the activations with checkpointing, $tokens tokens', (counts) => {
    const kept = arenaBytes(graphsOf(targets, false).train, counts);
    const recomputed = arenaBytes(graphsOf(targets, true).train, counts);
    expect(kept).toBeGreaterThan(counts.tokens * 12 * 768 * 4 * 8);
    expect(recomputed).toBeLessThan(0.21 * kept);
  });

  it('pays for it with less than one more forward pass', () => {
    const graphs = graphsOf(targets, true);
    const extra = multiplyAdds(graphs.train, short) - multiplyAdds(graphsOf(targets, false).train, short);
    const forward = multiplyAdds(graphs.evaluate, short);
    expect(extra).toBeGreaterThan(0.5 * forward);
    expect(extra).toBeLessThan(forward);
  });

  it.each([false, true])('wastes less than a tenth of the memory, checkpointing %s', (gradientCheckpointing) => {
    const { train, evaluate } = graphsOf(targets, gradientCheckpointing);
    for (const counts of [short, long, { tokens: 37, sequences: 5 }, { tokens: 641, sequences: 64 }]) {
      for (const graph of [train, evaluate]) expect(arenaBytes(graph, counts)).toBeLessThan(1.1 * mostLiveBytes(graph, counts));
    }
  });
});
