import { fromFloat16Array, toFloat16Array } from '../api/float16';
import type { Attributes, Node, Value } from '../engine/graph';
import { elementCount } from '../engine/shape';
import { halvableValues } from '../ops/half';
import type { OpCase } from '../ops/opCase';
import type { CaseGraph } from './caseGraph';

/** A case whose node works on float16 values; which of its inputs and outputs those are. */
export interface HalfCase {
  inputs: readonly number[];
  outputs: readonly number[];
  graph: CaseGraph;
}

/**
 * The case with everything in float16 that the op lists. Values come and go as float32: an `add` of zeros before the node
 * rounds its inputs, one behind it widens its outputs, so that the node itself sees intermediate values as in a training
 * graph. Null for a case that has no float16 values.
 */
export function halfCaseGraph(given: CaseGraph): HalfCase | null {
  const [node] = given.graph.nodes;
  if (!node) throw new Error('The case has no node.');
  const halvable = halvableValues(node);
  const inputs = halvable.inputs.filter((index) => node.inputs[index]?.role.kind === 'input');
  if (inputs.length + halvable.outputs.length === 0) return null;
  const converter = new Converter(given);
  const before = node.inputs.map((input, index) => (input && inputs.includes(index) ? converter.rounded(input) : input));
  const after = node.outputs.map((output, index): Value =>
    halvable.outputs.includes(index) ? { ...output, type: 'f16' } : output,
  );
  const outputs = new Map(
    [...given.graph.outputs].map(([name, value]) => {
      const half = after.find(({ id, type }) => id === value.id && type === 'f16');
      return [name, half ? converter.widened(half) : value];
    }),
  );
  const nodes = [...converter.before, { ...node, inputs: before, outputs: after }, ...converter.after];
  const batch = { ...given.batch, inputs: { ...given.batch.inputs, ...converter.zeros } };
  return { inputs, outputs: halvable.outputs, graph: { ...given, graph: { nodes, outputs }, batch } };
}

/** The case with these inputs rounded to float16. */
export function roundedCase(testCase: OpCase<Attributes>, indices: readonly number[]): OpCase<Attributes> {
  const inputs = testCase.inputs.map((input, index) =>
    input?.kind === 'value' && indices.includes(index)
      ? { ...input, values: fromFloat16Array(toFloat16Array(input.values)) }
      : input,
  );
  return { ...testCase, inputs };
}

class Converter {
  readonly before: Node[] = [];
  readonly after: Node[] = [];
  readonly zeros: Record<string, Int32Array> = {};
  private readonly given: CaseGraph;
  private nextId: number;

  constructor(given: CaseGraph) {
    this.given = given;
    const values = given.graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs, ...(node.scratch ?? [])]);
    this.nextId = 1 + Math.max(...values.map((value) => value?.id ?? 0));
  }

  rounded(value: Value): Value {
    const half: Value = { ...value, id: this.nextId++, type: 'f16', role: { kind: 'intermediate' } };
    this.before.push(this.sum(value, half));
    return half;
  }

  widened(value: Value): Value {
    const full: Value = { ...value, id: this.nextId++, type: 'f32' };
    this.after.push(this.sum(value, full));
    return full;
  }

  private sum(from: Value, to: Value): Node {
    const name = `zeros${this.nextId}`;
    this.zeros[name] = new Int32Array(elementCount(from.shape, this.given.batch));
    const zeros: Value = { ...from, id: this.nextId++, label: name, type: 'f32', role: { kind: 'input', name } };
    return { op: 'add', inputs: [from, zeros], outputs: [to], attributes: {}, phase: 'gradient' };
  }
}
