import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../engine/executor';
import { fromFloat16Array, toFloat16Array } from '../api/float16';
import type { Attributes, Value, WeightStorage } from '../engine/graph';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { caseGraph, type CaseGraph } from '../testing/caseGraph';
import { halfCaseGraph, roundedCase } from '../testing/halfCase';
import { caseReference, relativeDeviation } from './caseReference';
import { opCases } from './cases';
import { opNamed, ops } from './index';
import type { OpCase } from './opCase';

/** Sums of a few hundred float32 products; the software adapter's exp, log and tanh are good to about 1e-6. */
const tolerance = 2e-5;

/** A float16 has 11 bits and a device may round either way: 2^-10 of the number. */
const halfTolerance = 2 ** -10 + tolerance;

type Case = OpCase<Attributes>;

let device: GPUDevice;

async function executorFor(matmul: 'direct' | 'tiled'): Promise<WgslExecutor> {
  return createWgslExecutor({ ops, device, matmul, maxSubmitMs: Infinity });
}

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  const features: GPUFeatureName[] = ['shader-f16', 'subgroups'];
  device = await adapter.requestDevice({ requiredFeatures: features.filter((name) => adapter.features.has(name)) });
});

afterAll(() => device.destroy());

describe('kernels', () => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    executor = await executorFor('direct');
  });
  afterAll(() => {
    const slowest = executor.compileNotes.toSorted((a, b) => b.elapsedMs - a.elapsedMs).slice(0, 5);
    const total = executor.compileNotes.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    console.log(
      `${executor.compileNotes.length} pipelines in ${(total / 1000).toFixed(1)} s; slowest: ` +
        slowest.map(({ label, elapsedMs }) => `${label} ${elapsedMs.toFixed(0)} ms`).join(', '),
    );
    executor.dispose();
  });

  describe.each(Object.entries<readonly Case[]>(opCases))('%s', (op, cases) => {
    it.each(cases.map((testCase) => [testCase.title, testCase] as const))('%s', async (_, testCase) => {
      expectClose(
        op,
        await runCase(executor, withWeights(caseGraph(op, testCase), 'float32'), testCase),
        caseReference(op, testCase),
      );
    });

    const withMatrices = cases.filter(({ inputs }) => inputs.some((input) => input?.kind === 'weight' && input.shape.length > 1));
    if (withMatrices.length > 0) {
      it.each(withMatrices.map((testCase) => [testCase.title, testCase] as const))('float16 weights: %s', async (_, testCase) => {
        const rounded = roundWeights(testCase);
        const actual = await runCase(executor, withWeights(caseGraph(op, testCase), 'float16'), testCase);
        expectClose(op, actual, caseReference(op, rounded));
      });
    }

    const halved = cases.filter((testCase) => halfCaseGraph(caseGraph(op, testCase)));
    if (halved.length > 0) {
      it.each(halved.map((testCase) => [testCase.title, testCase] as const))('float16 values: %s', async (_, testCase) => {
        const rounded = roundedCase(testCase, halfCaseGraph(caseGraph(op, testCase))?.inputs ?? []);
        const half = halfCaseGraph(withWeights(caseGraph(op, rounded), 'float16'));
        const actual = half && (await runCase(executor, half.graph, testCase));
        expectClose(op, actual ?? [], caseReference(op, roundWeights(rounded)), half?.outputs);
      });
    }
    if (opNamed(op).halves) {
      it('has a case with float16 values', () => expect(halved.length).toBeGreaterThan(0));
    }
  });

  it('compile without a warning', () => {
    expect(executor.compileNotes.length).toBeGreaterThan(Object.keys(ops).length);
    expect(executor.compileNotes.flatMap(({ label, messages }) => messages.map((message) => `${label}: ${message}`))).toEqual([]);
  });
});

/** Ops whose kernels differ on devices with fast workgroup memory. */
const tiledOps = ['linear', 'attention', 'attentionGradient'] as const;

describe('kernels for tiled devices', () => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    executor = await executorFor('tiled');
  });
  afterAll(() => executor.dispose());

  const cases = tiledOps.flatMap((op) => opCases[op].map((testCase) => [op, testCase.title, testCase] as const));
  it.each(cases)('%s %s', async (op, _, testCase) => {
    const actual = await runCase(executor, withWeights(caseGraph(op, testCase), 'float16'), testCase);
    expectClose(op, actual, caseReference(op, roundWeights(testCase)));
  });
});

async function runCase(
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

function expectClose(
  op: string,
  actual: readonly Float32Array[],
  expected: readonly Float64Array[],
  halves: readonly number[] = [],
): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((values, index) => {
    const bound = halves.includes(index) ? halfTolerance : tolerance;
    expect(relativeDeviation(actual[index] ?? [], values), `${op} output ${index}`).toBeLessThan(bound);
  });
}

/** The case with its weight matrices rounded to float16; vectors stay float32. */
function roundWeights(testCase: Case): Case {
  const inputs = testCase.inputs.map((input) =>
    input?.kind === 'weight' && input.shape.length > 1
      ? { ...input, values: fromFloat16Array(toFloat16Array(input.values)) }
      : input,
  );
  return { ...testCase, inputs };
}

let tensors = 0;

/** The case's graph with this storage, its weights under names of their own: all cases share one executor. */
function withWeights(given: CaseGraph, storage: WeightStorage): CaseGraph {
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
