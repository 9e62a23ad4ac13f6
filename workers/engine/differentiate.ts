import type { GraphBuilder, Node, Value } from './graph';
import type { BackwardContext } from './op';
import { formatShape, sameShape } from './shape';

export interface DifferentiableOps {
  backward(op: string): ((context: BackwardContext<never>) => (Value | null)[]) | null;
  accumulates(op: string): boolean;
}

/**
 * Reverse mode as a graph rewrite: appends the nodes that compute d(loss)/d(parameter) for every parameter the graph
 * uses and stores each in its slice of the gradient buffer. `seed` starts it: the gradients of some values (usually
 * those of the logits, made by the loss' own gradient op). Nothing is added for a value that no parameter reaches.
 */
export function differentiate(graph: GraphBuilder, seed: ReadonlyMap<Value, Value>, ops: DifferentiableOps): void {
  const forward = [...graph.nodes];
  const needed = valuesThatNeedGradients(forward);
  const contributions = new Map<number, Value[]>();
  for (const [value, gradient] of seed) contribute(contributions, value, gradient);

  for (const node of [...forward].reverse()) {
    if (!node.outputs.some((output) => needed.has(output.id))) continue;
    const gradients = node.outputs.map((output) => total(graph, contributions.get(output.id)));
    if (gradients.every((gradient) => gradient === null)) continue;
    addBackward(graph, node, gradients, needed, contributions, ops);
  }
  for (const value of parametersOf(forward)) {
    const parts = contributions.get(value.id);
    if (parts) storeGradient(graph, value, parts, ops);
  }
}

function addBackward(
  graph: GraphBuilder,
  node: Node,
  gradients: (Value | null)[],
  needed: ReadonlySet<number>,
  contributions: Map<number, Value[]>,
  ops: DifferentiableOps,
): void {
  const backward = ops.backward(node.op);
  if (!backward) throw new Error(`${node.op} has no backward rule, but a parameter is reached through it.`);
  const needs = node.inputs.map((input) => input !== null && needed.has(input.id));
  const context = { graph, node, attributes: node.attributes as never, gradients, needs };
  backward(context).forEach((gradient, index) => {
    const input = node.inputs[index];
    if (!gradient || !input || !needs[index]) return;
    if (!sameShape(gradient.shape, input.shape)) {
      throw new Error(
        `${node.op}'s gradient for input ${index} has shape ${formatShape(gradient.shape)}, not ${formatShape(input.shape)}.`,
      );
    }
    contribute(contributions, input, gradient);
  });
}

function valuesThatNeedGradients(nodes: readonly Node[]): Set<number> {
  const needed = new Set<number>();
  for (const node of nodes) {
    const reached = node.inputs.some((input) => input && (input.role.kind === 'parameter' || needed.has(input.id)));
    for (const input of node.inputs) if (input?.role.kind === 'parameter') needed.add(input.id);
    if (reached) for (const output of node.outputs) needed.add(output.id);
  }
  return needed;
}

function parametersOf(nodes: readonly Node[]): Set<Value> {
  return new Set(nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'parameter')));
}

function contribute(contributions: Map<number, Value[]>, value: Value, gradient: Value): void {
  const known = contributions.get(value.id);
  if (known) known.push(gradient);
  else contributions.set(value.id, [gradient]);
}

/** The sum of the contributions, as add nodes. */
function total(graph: GraphBuilder, parts: readonly Value[] | undefined): Value | null {
  if (!parts?.[0]) return null;
  return parts.slice(1).reduce((sum, part) => graph.one('add', [sum, part]), parts[0]);
}

/** Lets the node that makes the gradient write straight into its slice where it can, else adds a copying node. */
function storeGradient(graph: GraphBuilder, parameter: Value, parts: readonly Value[], ops: DifferentiableOps): void {
  if (parameter.role.kind !== 'parameter') return;
  const slice = graph.gradient(`d ${parameter.label}`, parameter.shape, parameter.role.offset);
  const gradient = total(graph, parts);
  if (!gradient) return;
  const at = graph.nodes.findIndex((node) => node.outputs.includes(gradient));
  const producer = graph.nodes[at];
  const usedElsewhere = graph.nodes.some((node) => node.inputs.includes(gradient));
  if (producer && producer.outputs.length === 1 && ops.accumulates(producer.op) && !usedElsewhere) {
    graph.nodes[at] = { ...producer, outputs: [slice] };
  } else {
    graph.into('storeGradient', [gradient], [slice]);
  }
}
