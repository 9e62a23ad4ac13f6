import type { Graph, Node, Value } from '../engine/graph';
import { opNamed } from './index';

/** Inputs and outputs of a node, by index, that its kernels take as float16. */
export interface HalvableValues {
  inputs: readonly number[];
  outputs: readonly number[];
}

const none: HalvableValues = { inputs: [], outputs: [] };

/** What of this node may be float16, see `Halves`. */
export function halvableValues(node: Node): HalvableValues {
  const { halves } = opNamed(node.op);
  if (!halves) return none;
  const shapes = node.inputs.map((input) => input && input.shape);
  if (halves.fits?.(shapes, node.attributes as never) === false) return none;
  const inputs = halves.inputs.filter((index) => node.inputs[index]);
  const outputs = halves.outputs.filter((index) => node.outputs[index]);
  const inFours = inputs.filter((index) => isInFours(node.inputs[index]));
  if (outputs.length === 0) return { inputs: inFours, outputs };
  return inFours.length === inputs.length && outputs.every((index) => isInFours(node.outputs[index]))
    ? { inputs, outputs }
    : none;
}

function isInFours(value: Value | null | undefined): boolean {
  return Number(value?.shape.at(-1)) % 4 === 0;
}

/**
 * The graph with float16 for every intermediate value that its producer can write and all its consumers can read so. Float32
 * stays what no op lists: the residual stream and its gradients, statistics, low-rank products, logits, loss, everything
 * trained; and what the host reads. Of the residual stream's gradients matrix products read a float16 copy, as under PyTorch's
 * autocast. For after fusing, which is what decides who reads what.
 */
export function halve(graph: Graph): Graph {
  const read = new Set([...graph.outputs.values()].map(({ id }) => id));
  const refused = valuesReadInFull(graph);
  const halved = new Map<number, Value>();
  const copies = copiesForProducts(graph);
  const nodes = graph.nodes.map((node) => {
    const products = multiplied(node);
    const inputs = node.inputs.map((input, index) => {
      const copy = input && products.includes(index) ? copies.get(input.id) : undefined;
      return input && (copy ?? halved.get(input.id) ?? input);
    });
    const copy = opNamed(node.op).halves?.copies ? copies.get(node.outputs[0]?.id ?? -1) : undefined;
    if (copy) return { ...node, inputs, outputs: [...node.outputs, copy], attributes: { ...node.attributes, copied: true } };
    const { outputs } = halvableValues(node);
    const mayHalve = followsHalves({ ...node, inputs });
    return {
      ...node,
      inputs,
      outputs: node.outputs.map((output, index) => {
        const kept = !mayHalve || !outputs.includes(index) || read.has(output.id) || refused.has(output.id);
        if (kept || output.role.kind !== 'intermediate') return output;
        const half: Value = { ...output, type: 'f16' };
        halved.set(output.id, half);
        return half;
      }),
    };
  });
  return { nodes, outputs: graph.outputs };
}

/** By the id of the value that is copied. */
function copiesForProducts(graph: Graph): Map<number, Value> {
  const copyable = new Set(
    graph.nodes.filter(({ op }) => opNamed(op).halves?.copies).map(({ outputs: [output] }) => output?.id ?? -1),
  );
  let nextId =
    1 + Math.max(...graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs].map((value) => value?.id ?? 0)));
  const copies = new Map<number, Value>();
  for (const node of graph.nodes) {
    for (const index of multiplied(node)) {
      const value = node.inputs[index];
      if (!value || !copyable.has(value.id) || copies.has(value.id)) continue;
      copies.set(value.id, { ...value, id: nextId++, label: `${value.label} for products`, type: 'f16' });
    }
  }
  return copies;
}

/** The inputs of matrix products that this node may take as float16. */
function multiplied(node: Node): readonly number[] {
  const products = opNamed(node.op).halves?.multiplied ?? [];
  return halvableValues(node).inputs.filter((index) => products.includes(index));
}

/** Ids of the values that some node reads as float32 only. */
function valuesReadInFull(graph: Graph): Set<number> {
  const refused = new Set<number>();
  for (const node of graph.nodes) {
    const { inputs } = halvableValues(node);
    node.inputs.forEach((input, index) => input && !inputs.includes(index) && refused.add(input.id));
  }
  return refused;
}

/** False for an op that moves or adds numbers of which some are float32. */
function followsHalves(node: Node): boolean {
  const { halves } = opNamed(node.op);
  return !halves?.follows || halves.inputs.every((index) => !node.inputs[index] || node.inputs[index].type === 'f16');
}
