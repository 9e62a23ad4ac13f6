import type { Graph, Node, Value } from '../engine/graph';
import { opNamed } from './index';

/** Inputs and outputs of a node, by index, that its kernels take as float16. */
export interface HalvableValues {
  inputs: readonly number[];
  outputs: readonly number[];
}

const none: HalvableValues = { inputs: [], outputs: [] };

/** What of this node may be float16: what its op lists, where every last dimension among it divides by four. */
export function halvableValues(node: Node): HalvableValues {
  const { halves } = opNamed(node.op);
  if (!halves) return none;
  const inputs = halves.inputs.filter((index) => node.inputs[index]);
  const outputs = halves.outputs.filter((index) => node.outputs[index]);
  const values = [...inputs.map((index) => node.inputs[index]), ...outputs.map((index) => node.outputs[index])];
  if (!values.every((value) => value && Number(value.shape.at(-1)) % 4 === 0)) return none;
  const shapes = node.inputs.map((input) => input && input.shape);
  return halves.fits?.(shapes, node.attributes as never) === false ? none : { inputs, outputs };
}

/**
 * The graph with float16 for every intermediate value that its producer can write and all its consumers can read so. Float32
 * stays what no op lists: the residual stream and its gradients, statistics, low-rank products, logits, loss, everything
 * trained; and what the host reads. For after fusing, which is what decides who reads what.
 */
export function halve(graph: Graph): Graph {
  const read = new Set([...graph.outputs.values()].map(({ id }) => id));
  const refused = valuesReadInFull(graph);
  const halved = new Map<number, Value>();
  const nodes = graph.nodes.map((node) => {
    const inputs = node.inputs.map((input) => input && (halved.get(input.id) ?? input));
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
