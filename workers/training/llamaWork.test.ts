import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../engine/graph';
import { elementCount, type Counts } from '../engine/shape';
import type { DeviceTraits, Kernel } from '../engine/wgsl/kernel';
import type { BaseModel } from '../models/architecture';
import { opNamed } from '../ops/index';
import { llamaGraphs, llamaModels, llamaSetups, type LlamaSetup } from '../testing/llamaGraphs';

const traits: DeviceTraits = {
  matmul: 'tiled',
  chosen: {},
  shaderF16: true,
  subgroups: { minimum: 8, maximum: 32 },
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 32_768,
  maxStorageBufferBindingSize: 2 ** 27,
  software: false,
};
const counts: Counts = { tokens: 512, sequences: 4 };

/** As in `dispatches.test.ts`; a block of these has seven products where GPT-2's has four. */
const mostPipelines = 50;
const mostDispatches = { perBlock: 30, perAdaptedModule: 4 };

function kernelsOf(graph: Graph): Kernel[] {
  return graph.nodes.flatMap((node) => opNamed(node.op).kernel({ node, attributes: node.attributes as never, device: traits }));
}

/** Multiply-adds of a product with a frozen matrix; 0 for other nodes. */
function productOf({ op, inputs }: Node): number {
  const [x, weight] = inputs;
  if (op !== 'linear' || weight?.role.kind !== 'weight' || !x) return 0;
  const [first = 0, second = 0] = weight.shape.map(Number);
  return (elementCount(x.shape, counts) / Number(x.shape[1])) * first * second;
}

/** The least that a step multiplies frozen weights for: the last block is the pooled rows' alone, and nothing goes back below the lowest adapter. */
function leastProducts(base: BaseModel, lowestAdapted: ReadonlySet<string>): number {
  const { tokens, sequences } = counts;
  let sum = 0;
  for (const [path, { inFeatures, outFeatures }] of base.modules) {
    const layer = Number(/layers\.(\d+)\./.exec(path)?.[1]);
    const name = path.slice(path.lastIndexOf('.') + 1);
    const rows = layer === base.layers - 1 && name !== 'k_proj' && name !== 'v_proj' ? sequences : tokens;
    const goesBack = layer > 0 || !lowestAdapted.has(name);
    sum += rows * inFeatures * outFeatures * (goesBack ? 2 : 1);
  }
  return sum;
}

/** Modules of the first block whose inputs need no gradient: nothing adapted lies before them. */
function withoutBackward({ targets }: LlamaSetup): Set<string> {
  const attention = ['q_proj', 'k_proj', 'v_proj'];
  const order = [attention, ['o_proj'], ['gate_proj', 'up_proj'], ['down_proj']];
  const first = order.findIndex((names) => names.some((name) => targets.includes(name)));
  return new Set(order.slice(0, first + 1).flat());
}

describe.each(llamaSetups.filter(({ dora }) => !dora))('$name, $targets, $storage, fp16 $fp16', (setup) => {
  const { train, evaluate } = llamaGraphs(setup);
  const base = llamaModels[setup.name];

  it('multiplies frozen weights no more than a step must', () => {
    const products = train.nodes.reduce((sum, node) => sum + productOf(node), 0);
    expect(products / leastProducts(base, withoutBackward(setup))).toBeCloseTo(1, 6);
  });

  it('spends little on anything else', () => {
    const others = train.nodes.filter((node) => productOf(node) === 0);
    const work = kernelsOf({ ...train, nodes: others }).reduce((sum, kernel) => sum + kernel.multiplyAdds(counts), 0);
    const all = kernelsOf(train).reduce((sum, kernel) => sum + kernel.multiplyAdds(counts), 0);
    expect(work).toBeLessThan(0.15 * all);
  });

  it('trains and evaluates with few pipelines and dispatches', () => {
    const pipelines = new Set([...kernelsOf(train), ...kernelsOf(evaluate)].map(({ source }) => source)).size;
    const perBlock = kernelsOf(train).length / base.layers;
    expect(pipelines).toBeLessThanOrEqual(mostPipelines);
    expect(perBlock).toBeLessThanOrEqual(mostDispatches.perBlock + mostDispatches.perAdaptedModule * setup.targets.length);
  });
});
