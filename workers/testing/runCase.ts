import type { Executor } from '../engine/executor';
import type { Attributes } from '../engine/graph';
import { caseReference } from '../ops/caseReference';
import type { OpCase } from '../ops/opCase';
import { caseGraph } from './caseGraph';
import { withWeights } from './storedCase';

/** An output of a case as an executor computed it, beside the reference's. */
export interface CaseResult {
  name: string;
  actual: Float32Array;
  expected: Float64Array;
}

/** Runs one op of `testCase` on an executor that may have run others, and its reference. */
export async function runCase(executor: Executor, op: string, testCase: OpCase<Attributes>): Promise<CaseResult[]> {
  const { graph, batch, weights, states } = withWeights(caseGraph(op, testCase), 'float32');
  executor.allocateWeights(weights.map(({ value }) => value));
  for (const { value, values } of weights) {
    const [rows = 1, rowLength = 1] = value.shape.map(Number);
    if (value.role.kind === 'weight') executor.writeWeights({ tensor: value.role.tensor, rowOffset: 0, rows, rowLength, values });
  }
  await executor.finishWeights();
  const [first] = states.values();
  if (first) executor.allocateParameters(first.length);
  for (const [name, values] of states) executor.writeState(name, values);

  const program = await executor.prepare(graph, testCase.counts);
  const readings = await program.run(batch, testCase.step, true);
  const expected = caseReference(op, testCase);
  const actual = first
    ? await Promise.all((['parameters', 'firstMoment', 'secondMoment'] as const).map((name) => executor.readState(name)))
    : expected.map((_, index) => readings.get(`out${index}`) ?? new Float32Array(0));
  program.dispose();
  return expected.map((values, index) => ({
    name: `out${index}`,
    actual: actual[index] ?? new Float32Array(0),
    expected: values,
  }));
}
