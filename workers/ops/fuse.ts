import { type Graph, type Node, type Value, prune } from '../engine/graph';

/**
 * Fewer dispatches for the same numbers, after differentiation: LoRA rides in its host's matmul, gelu and its gradient in
 * the matmul that makes their input, residual sums in the norm that follows, scattered rows and carried gradients in the op
 * that makes the other term. Sums may be formed in another order than in the plain graph.
 */
export function fuse(graph: Graph): Graph {
  const rewriter = new Rewriter(graph);
  for (const node of graph.nodes) if (node.op === 'add') rewriter.fuseSum(node);
  for (const node of rewriter.live()) if (Object.hasOwn(residualIndex, node.op)) rewriter.fuseResidualNorm(node);
  for (const node of rewriter.live()) if (node.op === 'gelu') rewriter.fuseGelu(node);
  for (const node of rewriter.live()) if (node.op === 'geluGradient') rewriter.fuseGeluGradient(node);
  return prune({ nodes: rewriter.live(), outputs: graph.outputs });
}

/** Norms that may add a residual first: which input it is. */
const residualIndex: Readonly<Record<string, number>> = { layerNorm: 3, rmsNorm: 2 };

/** Gradients that may add what is carried past their norm, as input 4. */
const normGradients = ['layerNormGradient', 'rmsNormGradient'];

interface Term {
  value: Value;
  /** The node that makes it, when nothing but this sum uses it. */
  node: Node | null;
}

class Rewriter {
  private readonly nodes: (Node | null)[];
  private readonly outputs: ReadonlySet<number>;
  private nextId: number;

  constructor(graph: Graph) {
    this.nodes = [...graph.nodes];
    this.nextId =
      1 + Math.max(0, ...graph.nodes.flatMap((node) => [...node.outputs, ...(node.scratch ?? [])].map(({ id }) => id)));
    this.outputs = new Set([...graph.outputs.values()].map((value) => value.id));
  }

  live(): Node[] {
    return this.nodes.filter((node) => node !== null);
  }

  /** Looks at a whole tree of additions at once: its terms may be fused in any order. */
  fuseSum(root: Node): void {
    const at = this.nodes.indexOf(root);
    if (at < 0 || this.isInnerSum(root)) return;
    const absorbed: Node[] = [];
    const terms = this.termsOf(root, absorbed);
    const before = terms.length;
    let made: Node[] = [];
    for (const pair of [fuseLora, fuseCarry, fuseScatter]) {
      for (let fused = pair(terms); fused; fused = pair(terms)) {
        const { node, replaced } = fused;
        absorbed.push(...replaced);
        made = [...made.filter((earlier) => !replaced.includes(earlier)), node];
      }
    }
    if (terms.length === before) return;
    made = this.nameResult(root, terms, made);
    for (const node of [...absorbed, root]) this.remove(node);
    this.nodes.splice(at, 1, ...made);
  }

  fuseResidualNorm(norm: Node): void {
    const at = residualIndex[norm.op] ?? 0;
    const [sum] = norm.inputs;
    const add = this.producerOf(sum);
    const [y, stats] = norm.outputs;
    if (norm.inputs[at] || !sum || !add || add.op !== 'add' || !y || !stats) return;
    const [a, b] = add.inputs;
    if (!a || !b) return;
    const fused: Node = { ...norm, inputs: [a, ...norm.inputs.slice(1, at), b], outputs: [y, stats, sum] };
    const place = this.nodes.indexOf(add);
    this.remove(norm);
    this.nodes[place] = fused;
  }

  fuseGelu(gelu: Node): void {
    const [pre] = gelu.inputs;
    const linear = this.producerOf(pre);
    const [y] = gelu.outputs;
    if (!pre || !y || linear?.op !== 'linear' || linear.attributes['activation'] !== 'none') return;
    const at = this.nodes.indexOf(linear);
    this.nodes[at] = { ...linear, outputs: [y, pre], attributes: { ...linear.attributes, activation: 'gelu' } };
    this.remove(gelu);
  }

  fuseGeluGradient(gradient: Node): void {
    const [dy, pre] = gradient.inputs;
    const linear = this.producerOf(dy);
    if (!dy || !pre || linear?.op !== 'linear' || linear.attributes['activation'] !== 'none' || this.uses(dy) !== 1) return;
    const inputs = [0, 1, 2, 3, 4].map((index) => linear.inputs[index] ?? null);
    const attributes = { ...linear.attributes, activation: 'geluGradient' };
    const at = this.nodes.indexOf(gradient);
    this.remove(linear);
    this.nodes[at] = { ...gradient, op: 'linear', inputs: [...inputs, pre], attributes };
  }

  /** Adds what terms are left and lets the last node write the root's own output. */
  private nameResult(root: Node, terms: Term[], made: Node[]): Node[] {
    const [output] = root.outputs;
    const [first, ...rest] = terms;
    if (!output || !first) throw new Error('A sum lost its terms while fusing.');
    if (rest.length === 0) return made.map((node) => (node === first.node ? { ...node, outputs: [output] } : node));
    let sum = first.value;
    const nodes = [...made];
    rest.forEach((term, index) => {
      const target = index === rest.length - 1 ? output : { ...output, id: this.nextId++, label: 'partial sum' };
      nodes.push({ ...root, inputs: [sum, term.value], outputs: [target] });
      sum = target;
    });
    return nodes;
  }

  private isInnerSum(node: Node): boolean {
    const [output] = node.outputs;
    const users = this.usersOf(output);
    return users.length === 1 && users[0]?.op === 'add' && this.uses(output) === 1;
  }

  private termsOf(sum: Node, absorbed: Node[]): Term[] {
    return sum.inputs.flatMap((value) => {
      if (!value) return [];
      const node = this.uses(value) === 1 ? this.producerOf(value) : null;
      if (node?.op !== 'add') return [{ value, node }];
      absorbed.push(node);
      return this.termsOf(node, absorbed);
    });
  }

  private producerOf(value: Value | null | undefined): Node | null {
    return (value && this.nodes.find((node) => node?.outputs.includes(value))) ?? null;
  }

  private usersOf(value: Value | undefined): Node[] {
    return value ? this.live().filter((node) => node.inputs.includes(value)) : [];
  }

  /** How often a value is read; being an output of the graph counts. */
  private uses(value: Value | undefined): number {
    if (!value) return 0;
    const reads = this.live().reduce((count, node) => count + node.inputs.filter((input) => input === value).length, 0);
    return reads + (this.outputs.has(value.id) ? 1 : 0);
  }

  private remove(node: Node): void {
    const at = this.nodes.indexOf(node);
    if (at >= 0) this.nodes[at] = null;
  }
}

interface Fused {
  node: Node;
  replaced: Node[];
}

function take(terms: Term[], ops: readonly string[], accepts: (node: Node) => boolean): (Term & { node: Node }) | null {
  const at = terms.findIndex(({ node }) => node && ops.includes(node.op) && accepts(node));
  const [term] = at < 0 ? [] : terms.splice(at, 1);
  return term?.node ? { value: term.value, node: term.node } : null;
}

function untake(terms: Term[], term: Term): null {
  terms.unshift(term);
  return null;
}

/** linear + expand: the low-rank product becomes part of the matmul. */
function fuseLora(terms: Term[]): Fused | null {
  const linear = take(terms, ['linear'], (node) => node.attributes['lora'] === null && node.attributes['activation'] === 'none');
  if (!linear) return null;
  const expand = take(terms, ['expand'], () => true);
  if (!expand) return untake(terms, linear);
  const inputs = [...[0, 1, 2].map((index) => linear.node.inputs[index] ?? null), ...expand.node.inputs];
  const node: Node = { ...linear.node, inputs, attributes: { ...linear.node.attributes, lora: expand.node.attributes } };
  terms.unshift({ value: linear.value, node });
  return { node, replaced: [linear.node, expand.node] };
}

/** scatterRows + anything: the other term is its base. */
function fuseScatter(terms: Term[]): Fused | null {
  if (terms.length < 2) return null;
  const scatter = take(terms, ['scatterRows'], (node) => !node.inputs[3]);
  if (!scatter) return null;
  const [base] = terms.splice(0, 1);
  if (!base) return untake(terms, scatter);
  const node: Node = { ...scatter.node, inputs: [...scatter.node.inputs.slice(0, 3), base.value] };
  terms.unshift({ value: scatter.value, node });
  return { node, replaced: [scatter.node] };
}

/** A norm's gradient + anything: the other term is carried. */
function fuseCarry(terms: Term[]): Fused | null {
  if (terms.length < 2) return null;
  const gradient = take(terms, normGradients, (node) => !node.inputs[4]);
  if (!gradient) return null;
  const [carry] = terms.splice(0, 1);
  if (!carry) return untake(terms, gradient);
  const node: Node = { ...gradient.node, inputs: [...gradient.node.inputs.slice(0, 4), carry.value] };
  terms.unshift({ value: gradient.value, node });
  return { node, replaced: [gradient.node] };
}
