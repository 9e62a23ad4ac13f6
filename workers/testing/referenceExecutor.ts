import type { Graph, Node, StateName, Value } from '../engine/graph';
import { lossScaleSize } from '../engine/lossScale';
import { countsOf, elementCount, resolveShape, type Counts } from '../engine/shape';
import type { StepValues } from '../engine/step';
import { opNamed } from '../ops/index';

/** A batch; numbers of inputs may be fractions, for inputs declared f32. */
export interface ReferenceBatch extends Counts {
  inputs: Readonly<Record<string, ArrayLike<number>>>;
}

/** A checkpoint tensor `(rows, columns)`, or a vector of `columns`. */
export interface ReferenceWeight {
  columns: number;
  values: ArrayLike<number>;
}

/**
 * Runs a graph node by node on the ops' references, everything in double precision and on the host: the oracle that the
 * executors' results are held against, and what finite differences are taken of.
 */
export class ReferenceExecutor {
  readonly states: Record<StateName, Float64Array>;
  private readonly weights: ReadonlyMap<string, ReferenceWeight>;
  private readonly caches = new Map<string, Float64Array>();

  constructor(weights: ReadonlyMap<string, ReferenceWeight> = new Map(), parameters: ArrayLike<number> = []) {
    this.weights = weights;
    const zeros = (): Float64Array => new Float64Array(parameters.length);
    this.states = {
      parameters: Float64Array.from(parameters),
      gradients: zeros(),
      firstMoment: zeros(),
      secondMoment: zeros(),
      lossScale: new Float64Array(lossScaleSize),
    };
  }

  /** The graph's outputs by name, after one micro-batch; with `update` after the nodes of the update phase too. */
  run(graph: Graph, batch: ReferenceBatch, step: StepValues, update: boolean): Map<string, Float64Array> {
    const values = new Map<number, Float64Array>();
    const counts = countsOf(batch);
    for (const node of graph.nodes) {
      if (node.phase === 'update' && !update) continue;
      const results = this.evaluate(node, batch, counts, step, values);
      node.outputs.forEach((output, index) => this.store(output, results[index] ?? new Float64Array(0), step, values));
    }
    const made = [...graph.outputs].filter(([, value]) => value.role.kind !== 'intermediate' || values.has(value.id));
    return new Map(made.map(([name, value]) => [name, this.read(value, batch, counts, values).slice()]));
  }

  private evaluate(
    node: Node,
    batch: ReferenceBatch,
    counts: Counts,
    step: StepValues,
    values: ReadonlyMap<number, Float64Array>,
  ): Float64Array[] {
    const inputs = node.inputs.map((input) => input && this.read(input, batch, counts, values));
    const shapes = node.inputs.map((input) => input && resolveShape(input.shape, counts));
    const results = opNamed(node.op).reference(inputs, shapes, node.attributes as never, { counts, step });
    node.outputs.forEach((output, index) => {
      const wanted = elementCount(output.shape, counts);
      if (results[index]?.length !== wanted) {
        throw new Error(`${node.op}'s output ${index} has ${results[index]?.length} numbers; its shape says ${wanted}.`);
      }
    });
    return results;
  }

  private read(value: Value, batch: ReferenceBatch, counts: Counts, values: ReadonlyMap<number, Float64Array>): Float64Array {
    const { role } = value;
    const size = elementCount(value.shape, counts);
    if (role.kind === 'input')
      return Float64Array.from(this.input(value, batch.inputs[role.name] ?? missing(`input ${role.name}`)));
    if (role.kind === 'weight') return this.weight(role.tensor, role.columns);
    if (role.kind === 'parameter') return this.states.parameters.subarray(role.offset, role.offset + size);
    if (role.kind === 'gradient') return this.states.gradients.subarray(role.offset, role.offset + size);
    if (role.kind === 'state') return this.states[role.name];
    if (role.kind === 'cache') return this.caches.get(role.name) ?? new Float64Array(size);
    return values.get(value.id) ?? missing(`value ${value.label}`);
  }

  /** A float's bits may come as an integer, as executors take them. */
  private input({ type }: Value, numbers: ArrayLike<number>): ArrayLike<number> {
    const isBits = type === 'f32' && numbers instanceof Int32Array;
    return isBits ? new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length) : numbers;
  }

  private weight(tensor: string, columns: readonly [number, number] | null): Float64Array {
    const weight = this.weights.get(tensor) ?? missing(`weight ${tensor}`);
    const all = Float64Array.from(weight.values);
    if (!columns) return all;
    return all.filter((_, index) => index % weight.columns >= columns[0] && index % weight.columns < columns[1]);
  }

  private store(value: Value, result: Float64Array, step: StepValues, values: Map<number, Float64Array>): void {
    const { role } = value;
    if (role.kind === 'intermediate') values.set(value.id, result);
    else if (role.kind === 'state') this.states[role.name] = Float64Array.from(result);
    else if (role.kind === 'cache') this.caches.set(role.name, result);
    else if (role.kind === 'gradient') {
      result.forEach((number, index) => {
        const at = role.offset + index;
        this.states.gradients[at] = (step.accumulate ? this.states.gradients[at]! : 0) + number;
      });
    } else throw new Error(`${value.label} cannot be written: it is a ${role.kind}.`);
  }
}

function missing(what: string): never {
  throw new Error(`The reference executor was given no ${what}.`);
}
