import type { Graph, Node, Value } from './graph';

/**
 * Gradient checkpointing as a rewrite, after differentiation and before fusing: of each block only what later blocks read
 * is kept; before the first backward node that needs more of it, the block's nodes that make it are added once more. The
 * numbers stay the same: a dropout mask is a hash of seed, site and index. The last block's backward pass follows its
 * forward pass at once, so nothing would be saved there. Chen et al. 2016, "Training deep nets with sublinear memory cost".
 */
export function checkpoint(graph: Graph): Graph {
  const lastBlock = graph.nodes.findLast((node) => node.block !== undefined)?.block;
  const recomputed = (node: Node): boolean => node.block !== undefined && node.block !== lastBlock;
  const producers = new Map<number, Node>();
  for (const node of graph.nodes) if (recomputed(node)) for (const output of node.outputs) producers.set(output.id, node);
  const kept = valuesThatStay(graph, producers);
  const copier = new Copier(graph, producers, kept);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (node.block !== undefined) {
      nodes.push(node);
      continue;
    }
    for (const block of new Set(node.inputs.map((input) => copier.blockToCopy(input)))) {
      if (block !== null) nodes.push(...copier.copyBlock(block));
    }
    nodes.push({ ...node, inputs: node.inputs.map((input) => copier.copyOf(input)) });
  }
  return { nodes, outputs: graph.outputs };
}

/** What other blocks read, and what the host does. */
function valuesThatStay(graph: Graph, producers: ReadonlyMap<number, Node>): Set<number> {
  const kept = new Set([...graph.outputs.values()].map((value) => value.id));
  for (const node of graph.nodes) {
    if (node.block === undefined) continue;
    for (const input of node.inputs) {
      const producer = input && producers.get(input.id);
      if (producer && producer.block !== node.block) kept.add(input.id);
    }
  }
  return kept;
}

class Copier {
  private readonly graph: Graph;
  private readonly producers: ReadonlyMap<number, Node>;
  private readonly kept: ReadonlySet<number>;
  private readonly copies = new Map<number, Value>();
  private readonly copied = new Set<string>();
  private nextId: number;

  constructor(graph: Graph, producers: ReadonlyMap<number, Node>, kept: ReadonlySet<number>) {
    this.graph = graph;
    this.producers = producers;
    this.kept = kept;
    this.nextId =
      1 + Math.max(0, ...graph.nodes.flatMap((node) => [...node.outputs, ...(node.scratch ?? [])].map(({ id }) => id)));
  }

  copyOf(value: Value | null): Value | null {
    return value && (this.copies.get(value.id) ?? value);
  }

  /** The block to be computed again before this value can be read, or null. */
  blockToCopy(value: Value | null): string | null {
    const block = value && !this.kept.has(value.id) ? this.producers.get(value.id)?.block : undefined;
    return block === undefined || this.copied.has(block) ? null : block;
  }

  /** The nodes of a block that anything after the forward pass depends on, with outputs of their own. */
  copyBlock(block: string): Node[] {
    this.copied.add(block);
    const needed = this.neededOf(block);
    return this.graph.nodes.filter((node) => needed.has(node)).map((node) => this.copy(node));
  }

  private neededOf(block: string): Set<Node> {
    const needed = new Set<Node>();
    const visit = (value: Value | null): void => {
      const node = value && !this.kept.has(value.id) ? this.producers.get(value.id) : undefined;
      if (node?.block !== block || needed.has(node)) return;
      needed.add(node);
      node.inputs.forEach(visit);
    };
    for (const node of this.graph.nodes) if (node.block === undefined) node.inputs.forEach(visit);
    return needed;
  }

  private copy(node: Node): Node {
    const { block: _, ...rest } = node;
    const inputs = node.inputs.map((input) => this.copyOf(input));
    const outputs = node.outputs.map((output): Value => {
      const copy = { ...output, id: this.nextId++, label: `${output.label} again` };
      // What stays is read where it is: its copy is a by-product.
      if (!this.kept.has(output.id)) this.copies.set(output.id, copy);
      return copy;
    });
    const scratch = node.scratch && { scratch: node.scratch.map((room): Value => ({ ...room, id: this.nextId++ })) };
    return { ...rest, inputs, outputs, ...scratch };
  }
}
