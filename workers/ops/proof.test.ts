import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, type Graph } from '../engine/graph';
import { distinctNodes } from '../engine/wgsl/alikeNodes';
import { sourcesOf } from '../engine/wgsl/kernelProof';
import type { DeviceTraits } from '../engine/wgsl/kernel';
import { opNamed, shapeRules } from './index';
import { provingCase } from './proof';
import { doraSetups, gpt2Graphs, gpt2Setups } from '../testing/gpt2Graphs';
import { llamaGraphs, llamaSetups } from '../testing/llamaGraphs';

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

/** Sources that a case gives: the same in every graph. */
const proven = new Set<string>();

function unproven(graph: Graph, device: DeviceTraits): string[] {
  const missing = new Map<string, string>();
  const nodes = distinctNodes(graph.nodes);
  for (const chosen of choosings(graph, device)) {
    for (const node of nodes) {
      const op = opNamed(node.op);
      const kernels = op.kernel({ node, attributes: node.attributes as never, device: chosen });
      const sources = sourcesOf(kernels);
      if (proven.has(sources) || missing.has(sources)) continue;
      if (provingCase(node, kernels, op, chosen)) {
        proven.add(sources);
        continue;
      }
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

describe.each([...gpt2Setups, ...doraSetups])('GPT-2, $name', (setup) => {
  let graphs: { train: Graph; evaluate: Graph };
  beforeAll(() => {
    graphs = gpt2Graphs(setup);
  });

  it.each(devices)('has a case for every kernel of a device: %s', (_, device) => {
    expect([...unproven(graphs.train, device), ...unproven(graphs.evaluate, device)]).toEqual([]);
  });
});

/** Both attentions with heads of 128, as Llama's, and their gradients; or with branches, without. */
function attentionGraph(withBranches: boolean): Graph {
  const graph = new GraphBuilder(shapeRules);
  const [heads, kvHeads, size] = [32, 8, 128];
  const attributes = { heads, kvHeads, scale: 1 / Math.sqrt(size), window: withBranches ? null : 4096 };
  const computed = (rows: 'tokens' | 'targets', columns: number) => graph.intermediate(rows, [rows, columns]);
  const [qkv, q, kv] = [
    computed('tokens', (heads + 2 * kvHeads) * size),
    computed('targets', heads * size),
    computed('tokens', 2 * kvHeads * size),
  ];
  const offsets = graph.input('segmentOffsets', ['offsets']);
  const own = [qkv, offsets, graph.input('rowSegments', ['tokens'])];
  const targets = [graph.input('pooledRows', ['targets']), graph.input('targetStarts', ['targets'])];
  const pooled = [q, kv, offsets, ...targets, graph.input('rowTargets', ['tokens', 2])];
  const branches = withBranches ? [graph.input('rowBranches', ['tokens', 2])] : [];
  const results = graph.add('attention', [...own, ...branches], attributes);
  const pooledResults = graph.add('pooledAttention', [...pooled, ...branches], attributes);
  if (!withBranches) {
    graph.add('attentionGradient', [computed('tokens', heads * size), ...results, ...own], attributes);
    graph.add('pooledAttentionGradient', [computed('targets', heads * size), ...pooledResults, ...pooled], attributes);
  }
  return graph.graph();
}

it.each(devices)('makes cases for heads of a size that no case has: %s', (_, device) => {
  expect([...unproven(attentionGraph(false), device), ...unproven(attentionGraph(true), device)]).toEqual([]);
});

describe.each(llamaSetups)('$name, $storage, fp16 $fp16, DoRA $dora', (setup) => {
  let graphs: { train: Graph; evaluate: Graph };
  beforeAll(() => {
    graphs = llamaGraphs(setup);
  });

  it.each(devices)('has a case for every kernel of a device: %s', (_, device) => {
    expect([...unproven(graphs.train, device), ...unproven(graphs.evaluate, device)]).toEqual([]);
  });
});
