import type { Graph, Node, Value } from './graph';
import type { Dim } from './shape';

/**
 * The graph for batches in which some of the counts are always equal, with one name for them: kernels choose by the names of their
 * rows.
 */
export function renameDims(graph: Graph, names: Readonly<Partial<Record<Exclude<Dim, number>, Dim>>>): Graph {
  const renamed = new Map<number, Value>();
  const value = (one: Value): Value => {
    const known = renamed.get(one.id);
    if (known) return known;
    const made = { ...one, shape: one.shape.map((dim) => (typeof dim === 'number' ? dim : (names[dim] ?? dim))) };
    renamed.set(one.id, made);
    return made;
  };
  const nodes = graph.nodes.map((node): Node => {
    const scratch = node.scratch && { scratch: node.scratch.map(value) };
    return { ...node, inputs: node.inputs.map((input) => input && value(input)), outputs: node.outputs.map(value), ...scratch };
  });
  return { nodes, outputs: new Map([...graph.outputs].map(([name, output]) => [name, value(output)])) };
}
