import type { Executor } from '../engine/executor';
import type { Attributes, Value, WeightStorage } from '../engine/graph';
import type { Shape } from '../engine/shape';
import { heldAs, roundedTo } from '../engine/weightStorage';
import type { OpCase } from '../ops/opCase';
import type { CaseGraph } from './caseGraph';

type Case = OpCase<Attributes>;

/** The case's weights of two dimensions, to be held so. */
export function matricesOf({ inputs }: Case, storage: WeightStorage): Value[] {
  return inputs.flatMap((input, id) =>
    input?.kind === 'weight' && input.shape.length > 1 ? [weightOf(input.shape, storage, id)] : [],
  );
}

function weightOf(shape: Shape, storage: WeightStorage, id: number): Value {
  return {
    id,
    label: `weight${id}`,
    shape,
    type: 'f32',
    role: { kind: 'weight', tensor: `weight${id}`, columns: null, storage },
  };
}

/** The case with its weights as they are held. */
export function roundWeights(testCase: Case, storage: WeightStorage): Case {
  const inputs = testCase.inputs.map((input, id) =>
    input?.kind === 'weight' ? { ...input, values: roundedTo(heldAs(weightOf(input.shape, storage, id)), input.values) } : input,
  );
  return { ...testCase, inputs };
}

let tensors = 0;

/** The case's graph with this storage, its weights under names of their own: all cases share one executor. */
export function withWeights(given: CaseGraph, storage: WeightStorage): CaseGraph {
  const renamed = new Map<number, Value>();
  const rename = (value: Value): Value => {
    if (value.role.kind !== 'weight') return value;
    const tensor = `${value.label} ${tensors++}`;
    const known = renamed.get(value.id) ?? { ...value, label: tensor, role: { ...value.role, tensor, storage } };
    renamed.set(value.id, known);
    return known;
  };
  const nodes = given.graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((input) => input && rename(input)) }));
  const weights = given.weights.map(({ value, values }) => ({ value: rename(value), values }));
  return { ...given, graph: { ...given.graph, nodes }, weights };
}

/** What an executor makes of the case: its outputs, or the states that it writes. */
export async function runStoredCase(
  executor: Executor,
  { graph, batch, weights, states }: CaseGraph,
  testCase: Case,
): Promise<Float32Array[]> {
  executor.allocateWeights(weights.map(({ value }) => value));
  for (const { value, values } of weights) {
    const [rows, rowLength] = value.shape.length === 1 ? [1, Number(value.shape[0])] : value.shape.map(Number);
    executor.writeWeights({ tensor: value.label, rowOffset: 0, rows: rows!, rowLength: rowLength!, values });
  }
  await executor.finishWeights();
  for (const [name, values] of states) {
    if (name === 'parameters') executor.allocateParameters(values.length);
    executor.writeState(name, values);
  }
  const program = await executor.prepare(graph, testCase.counts);
  try {
    const readings = await program.run(batch, testCase.step, true);
    if (states.size === 0) return [...readings.values()];
    const written: Float32Array[] = [];
    for (const output of graph.nodes[0]?.outputs ?? []) {
      if (output.role.kind === 'state') written.push(await executor.readState(output.role.name));
    }
    return written;
  } finally {
    program.dispose();
  }
}
