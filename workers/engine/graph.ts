import type { Shape } from './shape';

/**
 * How a frozen weight is to be held; `weightStorage.ts` says which of them are, and `quantisedBlocks.ts` what `int8` and `int4`
 * are.
 */
export type WeightStorage = 'float32' | 'float16' | 'int8' | 'int4';

/** `f16` values are computed in float32 and held as float16, two in a word; their last dimension divides by four. */
export type ValueType = 'f32' | 'f16' | 'i32';

/** Where a value lives. */
export type Role =
  /** Per-batch integers from the host, by name: inputIds, positions, rowSegments, segmentOffsets, pooledRows, targetStarts, rowTargets, labels. */
  | { kind: 'input'; name: string }
  /** Frozen; the checkpoint's tensor, or some of its columns. */
  | { kind: 'weight'; tensor: string; columns: readonly [number, number] | null; storage: WeightStorage }
  /** A slice of the flat parameter buffer, `offset` in floats. */
  | { kind: 'parameter'; offset: number }
  /** The same slice of the flat gradient buffer. */
  | { kind: 'gradient'; offset: number }
  /** A whole flat buffer. */
  | { kind: 'state'; name: StateName }
  /** A matrix that keeps its numbers from run to run, by name; programs of one executor share it. */
  | { kind: 'cache'; name: string }
  | { kind: 'intermediate' };

export type StateName = 'parameters' | 'gradients' | 'firstMoment' | 'secondMoment' | 'lossScale';

export interface Value {
  readonly id: number;
  /** For messages and for looking at a graph. */
  readonly label: string;
  readonly shape: Shape;
  readonly type: ValueType;
  readonly role: Role;
}

export type Attributes = Readonly<Record<string, unknown>>;

/** `gradient` nodes run for every micro-batch, `update` nodes once a step. */
export type Phase = 'gradient' | 'update';

export interface Node {
  readonly op: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  /** Room that the op works in; nothing in it outlives the node. */
  readonly scratch?: readonly Value[];
  readonly attributes: Attributes;
  readonly phase: Phase;
  /** The block of the model that the node belongs to, where the model names its blocks; see `checkpoint.ts`. */
  readonly block?: string;
}

export interface Graph {
  /** In an order in which every value is made before it is used. */
  readonly nodes: readonly Node[];
  /** Values the host reads after a run, by name. */
  readonly outputs: ReadonlyMap<string, Value>;
}

/** What the builder needs to know of an op. */
export interface ShapeRules {
  inferShape(op: string, inputs: readonly (Shape | null)[], attributes: Attributes): Shape[];
  /** Shapes of the room that the op works in. */
  scratch?(op: string, inputs: readonly (Shape | null)[], attributes: Attributes): Shape[];
}

/** Builds a graph node by node; shapes are checked as nodes are added. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  private readonly rules: ShapeRules;
  private readonly shared = new Map<string, Value>();
  private nextId = 0;
  private phase: Phase = 'gradient';
  private block: { block?: string } = {};

  constructor(rules: ShapeRules) {
    this.rules = rules;
  }

  /** Adds a node; returns its outputs. Throws ShapeError. */
  add(op: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value[] {
    const given = inputs.map((input) => input?.shape ?? null);
    const shapes = this.rules.inferShape(op, given, attributes);
    const outputs = shapes.map((shape, index) =>
      this.value(shapes.length === 1 ? op : `${op}.${index}`, shape, 'f32', { kind: 'intermediate' }),
    );
    const room = this.rules.scratch?.(op, given, attributes) ?? [];
    const scratch = room.length > 0 ? { scratch: room.map((shape) => this.intermediate(`room of ${op}`, shape)) } : {};
    this.nodes.push({ op, inputs, outputs, ...scratch, attributes, phase: this.phase, ...this.block });
    return outputs;
  }

  /** Adds a node with one output. */
  one(op: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    const [first, second] = this.add(op, inputs, attributes);
    if (!first || second) throw new Error(`${op} has not exactly one output; use add().`);
    return first;
  }

  /** Adds a node that writes into given values (gradients, states) instead of new ones. */
  into(op: string, inputs: readonly (Value | null)[], outputs: readonly Value[], attributes: Attributes = {}): void {
    this.nodes.push({ op, inputs, outputs, attributes, phase: this.phase, ...this.block });
  }

  input(name: string, shape: Shape, type: 'f32' | 'i32' = 'i32'): Value {
    return this.once(`input ${name}`, () => this.value(name, shape, type, { kind: 'input', name }));
  }

  weight(tensor: string, shape: Shape, storage: WeightStorage, columns: readonly [number, number] | null = null): Value {
    return this.once(`weight ${tensor} ${columns}`, () =>
      this.value(tensor, shape, 'f32', { kind: 'weight', tensor, columns, storage }),
    );
  }

  parameter(label: string, shape: Shape, offset: number): Value {
    return this.once(`parameter ${offset}`, () => this.value(label, shape, 'f32', { kind: 'parameter', offset }));
  }

  gradient(label: string, shape: Shape, offset: number): Value {
    return this.once(`gradient ${offset}`, () => this.value(label, shape, 'f32', { kind: 'gradient', offset }));
  }

  state(name: StateName, size: number): Value {
    return this.once(`state ${name}`, () => this.value(name, [size], 'f32', { kind: 'state', name }));
  }

  cache(name: string, shape: Shape): Value {
    return this.once(`cache ${name}`, () => this.value(name, shape, 'f32', { kind: 'cache', name }));
  }

  /** A fresh intermediate value, for rewrites. */
  intermediate(label: string, shape: Shape): Value {
    return this.value(label, shape, 'f32', { kind: 'intermediate' });
  }

  output(name: string, value: Value): void {
    this.outputs.set(name, value);
  }

  /** Nodes added from now on belong to this block of the model: its forward pass from one point to the next. */
  beginBlock(block: string): void {
    this.block = { block };
  }

  /** Nodes added from now on belong to no block. */
  endBlock(): void {
    this.block = {};
  }

  /** Nodes added from now on run once a step. */
  beginUpdate(): void {
    this.phase = 'update';
  }

  graph(): Graph {
    return { nodes: [...this.nodes], outputs: new Map(this.outputs) };
  }

  private once(key: string, make: () => Value): Value {
    const known = this.shared.get(key) ?? make();
    this.shared.set(key, known);
    return known;
  }

  private value(label: string, shape: Shape, type: 'f32' | 'i32', role: Role): Value {
    return { id: this.nextId++, label, shape, type, role };
  }
}

/** Drops nodes that neither an output nor a write to a gradient or a state depends on. */
export function prune(graph: Graph): Graph {
  const wanted = new Set<number>([...graph.outputs.values()].map((value) => value.id));
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    const lasting = node.outputs.some((output) => output.role.kind !== 'intermediate');
    if (!lasting && !node.outputs.some((output) => wanted.has(output.id))) continue;
    kept.push(node);
    for (const input of node.inputs) if (input) wanted.add(input.id);
  }
  return { nodes: kept.reverse(), outputs: graph.outputs };
}
