import { describe, expect, it } from 'vitest';
import type { Graph } from '../engine/graph';
import type { DeviceTraits, Kernel } from '../engine/wgsl/kernel';
import { opNamed } from '../ops/index';
import { gpt2Graphs, gpt2Setups } from '../testing/gpt2Graphs';

const traits: DeviceTraits = {
  matmul: 'tiled',
  chosen: {},
  shaderF16: true,
  subgroups: { minimum: 8, maximum: 32 },
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 32_768,
  maxStorageBufferBindingSize: 2 ** 30,
  software: false,
};

/** Compilers take seconds for what nobody uses twice, and a dispatch costs a GPU microseconds whatever it computes. */
const mostPipelines = 40;
const mostDispatches = 260;

function kernelsOf(graph: Graph, device: DeviceTraits): Kernel[] {
  return graph.nodes.flatMap((node) => opNamed(node.op).kernel({ node, attributes: node.attributes as never, device }));
}

function distinct(...lists: Kernel[][]): number {
  return new Set(lists.flat().map(({ source }) => source)).size;
}

describe.each(gpt2Setups)('GPT-2 124M, $name', (setup) => {
  const { train, evaluate } = gpt2Graphs(setup);

  it.each(['tiled', 'direct'] as const)('trains and evaluates with few pipelines, %s products', (matmul) => {
    const device = { ...traits, matmul };
    expect(distinct(kernelsOf(train, device), kernelsOf(evaluate, device))).toBeLessThanOrEqual(mostPipelines);
  });

  it.runIf(setup.targets.length === 1)('takes a step with few dispatches', () => {
    expect(kernelsOf(train, traits).length).toBeLessThan(mostDispatches);
  });
});
