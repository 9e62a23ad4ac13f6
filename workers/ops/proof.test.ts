import { describe, expect, it } from 'vitest';
import type { Graph } from '../engine/graph';
import { sourcesOf } from '../engine/wgsl/kernelProof';
import type { DeviceTraits } from '../engine/wgsl/kernel';
import { opNamed } from './index';
import { proofSource } from './proof';
import { gpt2Graphs, gpt2Setups } from '../testing/gpt2Graphs';

const traits: DeviceTraits = {
  matmul: 'tiled',
  chosen: {},
  shaderF16: false,
  subgroups: null,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 32_768,
  maxStorageBufferBindingSize: 2 ** 30,
  software: false,
};
const half = { ...traits, shaderF16: true, subgroups: { minimum: 8, maximum: 32 } };
const devices: [string, DeviceTraits][] = [
  ['tiled', traits],
  ['direct', { ...traits, matmul: 'direct' }],
  ['half precision and subgroups', half],
];

/** The device with every variant of every choice taken once, as far as one can go without mixing them. */
function choosings(graph: Graph, device: DeviceTraits): DeviceTraits[] {
  const choices = new Set(graph.nodes.flatMap(({ op }) => opNamed(op).choices ?? []));
  const variants = new Set([...choices].flatMap((choice) => choice.variants(device)));
  const all = [...variants].map((variant) => Object.fromEntries([...choices].map(({ name }) => [name, variant])));
  return [device, ...all.map((chosen) => ({ ...device, chosen }))];
}

function unproven(graph: Graph, device: DeviceTraits): string[] {
  const missing = new Map<string, string>();
  const seen = new Set<string>();
  for (const chosen of choosings(graph, device)) {
    for (const node of graph.nodes) {
      const op = opNamed(node.op);
      const kernels = op.kernel({ node, attributes: node.attributes as never, device: chosen });
      const sources = sourcesOf(kernels);
      if (seen.has(sources)) continue;
      seen.add(sources);
      if (proofSource.trialOf(node, kernels, op, chosen)) continue;
      const inputs = node.inputs.map((input) => input && `${input.role.kind} ${input.type} (${input.shape})`);
      const outputs = node.outputs.map(({ type, shape }) => `${type} (${shape})`);
      missing.set(
        sources,
        `${node.op} ${JSON.stringify(node.attributes)}: ${inputs.join(', ')} -> ${outputs.join(', ')}; ${JSON.stringify(chosen.chosen)}`,
      );
    }
  }
  return [...missing.values()];
}

describe.each(gpt2Setups)('GPT-2, $name', (setup) => {
  it.each(devices)('has a case for every kernel of a device: %s', (_, device) => {
    const { train, evaluate } = gpt2Graphs(setup);
    expect([...unproven(train, device), ...unproven(evaluate, device)]).toEqual([]);
  });
});
