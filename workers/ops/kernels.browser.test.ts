import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropoutMask } from '../engine/dropout';
import { GraphBuilder, type Graph } from '../engine/graph';
import { elementCount, type Counts } from '../engine/shape';
import { idleStep } from '../engine/step';
import { openDevice } from '../engine/wgsl/device';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { caseGraph } from '../testing/caseGraph';
import { halfCaseGraph } from '../testing/halfCase';
import { addCases } from './add.cases';
import { opCases } from './cases';
import { ops, shapeRules } from './index';

const { device, traits } = await openDevice(undefined, {});
let executor: WgslExecutor;

beforeAll(async () => {
  executor = await createWgslExecutor({ ops, device, maxSubmitMs: Infinity });
});

afterAll(() => {
  executor.dispose();
  device.destroy();
});

type Floats = Record<string, (index: number) => number>;

/** Runs a graph whose inputs are all float32, filled by name. */
async function run(graph: Graph, counts: Counts, floats: Floats, step = idleStep): Promise<Float32Array> {
  const inputs: Record<string, Int32Array> = {};
  for (const value of graph.nodes.flatMap((node) => node.inputs)) {
    if (value?.role.kind !== 'input') continue;
    const fill = floats[value.role.name] ?? (() => 1);
    const length = elementCount(value.shape, counts);
    inputs[value.role.name] = new Int32Array(Float32Array.from({ length }, (_, index) => fill(index)).buffer);
  }
  const program = await executor.prepare(graph, counts);
  const readings = await program.run({ ...counts, inputs }, step, true);
  program.dispose();
  return readings.get('y') ?? new Float32Array(0);
}

describe('the dropout mask is that of engine/dropout.ts, bit for bit', () => {
  const counts = { tokens: 37, sequences: 1 };
  const columns = 45;
  const mask = { dropout: 0.3, site: 5 };
  const step = { ...idleStep, dropoutSeed: 0xfedcba98 };
  const identity = (size: number) => (index: number) => (index % size === Math.floor(index / size) ? 1 : 0);
  const expected = dropoutMask(step.dropoutSeed, mask.site, mask.dropout, counts.tokens, columns);

  it('in project', async () => {
    const graph = new GraphBuilder(shapeRules);
    const inputs = [graph.input('x', ['tokens', columns], 'f32'), graph.input('a', [columns, columns], 'f32')];
    graph.output('y', graph.one('project', inputs, { layout: 'inRank', scale: 1, ...mask }));
    expect(await run(graph.graph(), counts, { a: identity(columns) }, step)).toEqual(expected);
  });

  it('in expand', async () => {
    const graph = new GraphBuilder(shapeRules);
    const inputs = [graph.input('u', ['tokens', 1], 'f32'), graph.input('b', [1, columns], 'f32')];
    graph.output('y', graph.one('expand', inputs, { layout: 'rankOut', scale: 1, ...mask }));
    expect(await run(graph.graph(), counts, {}, step)).toEqual(expected);
  });

  it('in weightGradient', async () => {
    const graph = new GraphBuilder(shapeRules);
    const inputs = [graph.input('p', ['tokens', counts.tokens], 'f32'), graph.input('q', ['tokens', columns], 'f32')];
    graph.output('y', graph.one('weightGradient', inputs, { scale: 1, ...mask }));
    expect(await run(graph.graph(), counts, { p: identity(counts.tokens) }, step)).toEqual(expected);
  });

  it.each([45, 64])('in linear, %i columns', async (width) => {
    const graph = new GraphBuilder(shapeRules);
    const x = graph.input('x', ['tokens', 4], 'f32');
    const weight = graph.input('w', [4, width], 'f32');
    const [low, lift] = [graph.input('low', ['tokens', 1], 'f32'), graph.input('lift', [1, width], 'f32')];
    const lora = { layout: 'rankOut', scale: 1, ...mask };
    const attributes = { transposed: false, lora, activation: 'none' };
    graph.output('y', graph.one('linear', [x, weight, null, low, lift, null], attributes));
    const y = await run(graph.graph(), counts, { x: () => 0 }, step);
    expect(y).toEqual(dropoutMask(step.dropoutSeed, mask.site, mask.dropout, counts.tokens, width));
  });
});

describe('gradients', () => {
  it.each(['weightGradient', 'storeGradient'] as const)('replace or join what a slice holds: %s', async (op) => {
    const own = await createWgslExecutor({ ops, device, maxSubmitMs: Infinity });
    own.allocateParameters(128);
    own.writeState('gradients', new Float32Array(128).fill(100));
    const graph = new GraphBuilder(shapeRules);
    const slice = graph.gradient('slice', [3, 5], 64);
    const p = graph.input('p', op === 'weightGradient' ? ['tokens', 3] : [3, 5], 'f32');
    const q = graph.input('q', ['tokens', 5], 'f32');
    if (op === 'weightGradient') graph.into(op, [p, q], [slice], { scale: 0.5, dropout: 0, site: 0 });
    else graph.into(op, [p], [slice]);
    const program = await own.prepare(graph.graph(), { tokens: 4, sequences: 1 });
    const ones = (length: number) => new Int32Array(new Float32Array(length).fill(1).buffer);
    const inputs = op === 'weightGradient' ? { p: ones(12), q: ones(20) } : { p: ones(15) };
    const each = op === 'weightGradient' ? 2 : 1;
    const sums: (number | undefined)[] = [];
    for (const accumulate of [false, true, true, false]) {
      await program.run({ tokens: 4, sequences: 1, inputs }, { ...idleStep, accumulate }, false);
      const gradients = await own.readState('gradients');
      expect(new Set(gradients.slice(64, 79)).size).toBe(1);
      expect([gradients[63], gradients[79]]).toEqual([100, 100]);
      sums.push(gradients[64]);
    }
    expect(sums).toEqual([each, 2 * each, 3 * each, each]);
    own.dispose();
  });
});

it('a value may be used twice by one node', async () => {
  const graph = new GraphBuilder(shapeRules);
  const doubled = graph.one('add', [graph.input('x', ['tokens', 6], 'f32'), graph.input('x', ['tokens', 6], 'f32')]);
  graph.output('y', graph.one('add', [doubled, doubled]));
  expect([...(await run(graph.graph(), { tokens: 2, sequences: 1 }, { x: (index) => index }))]).toEqual(
    Array.from({ length: 12 }, (_, index) => 4 * index),
  );
});

it('gelu stays finite and right far from zero', async () => {
  const graph = new GraphBuilder(shapeRules);
  const x = graph.input('x', [1, 8], 'f32');
  const dy = graph.input('dy', [1, 8], 'f32');
  graph.output('y', graph.one('add', [graph.one('gelu', [x]), graph.one('geluGradient', [dy, x])]));
  const values = [-1e4, -100, -20, -10, 10, 20, 100, 1e4];
  const y = await run(graph.graph(), { tokens: 1, sequences: 1 }, { x: (index) => values[index] ?? 0 });
  expect([...y].map((value) => value + 0)).toEqual(values.map((value) => (value > 0 ? value + 1 : 0)));
});

describe.each(traits.subgroups ? ['shared', 'subgroups'] : ['shared'])('a gradient that is no number, sums by %s', (sums) => {
  const length = 200;
  const { graph, batch } = normGraph(length);
  let own: WgslExecutor;
  beforeAll(async () => {
    own = await createWgslExecutor({ ops, device, chosen: { sums }, maxSubmitMs: Infinity });
  });
  afterAll(() => own.dispose());

  async function normOf(gradients: Float32Array): Promise<number> {
    const program = await own.prepare(graph, batch);
    const readings = await program.run({ ...batch, inputs: { gradients: new Int32Array(gradients.buffer) } }, idleStep, true);
    program.dispose();
    return readings.get('norm')?.[0] ?? 0;
  }

  it('shows in the norm, wherever it is', async () => {
    const ones = new Float32Array(length).fill(1);
    expect(await normOf(ones)).toBeCloseTo(Math.sqrt(length), 4);
    for (const wrong of [Number.NaN, Infinity, -Infinity]) {
      for (const place of [0, 63, 66, length - 1]) {
        expect(await normOf(ones.map((one, index) => (index === place ? wrong : one))), `${wrong} at ${place}`).toBe(Infinity);
      }
    }
  });
});

function normGraph(length: number): { graph: Graph; batch: Counts } {
  const builder = new GraphBuilder(shapeRules);
  const gradients = builder.input('gradients', [length], 'f32');
  builder.output('norm', builder.one('gradientNorm', [builder.one('sumSquares', [gradients], { parts: 3 }), null]));
  return { graph: builder.graph(), batch: { tokens: 1, sequences: 1 } };
}

it('what float16 cannot hold becomes no number, and nothing else does', async () => {
  // 65504 is the largest; from 65520 on, rounding would pass it.
  const held = [65504, -65504, 65519, 1, -1, 0, 6e-8, 1e-9];
  const lost = [65520, -65520, 1e6, 3e38, Infinity, -Infinity, Number.NaN, -1e30];
  const numbers = Float32Array.from([...held, ...lost]);
  const [like] = addCases;
  const value = { kind: 'value', shape: [1, numbers.length], values: numbers } as const;
  const half = halfCaseGraph(caseGraph('add', { ...like!, inputs: [value, { ...value, values: numbers.map(() => 0) }] }));
  const { graph, batch } = half!.graph;
  const program = await executor.prepare(graph, like!.counts);
  const out = [...((await program.run(batch, idleStep, true)).get('out0') ?? [])];
  program.dispose();
  expect(half?.outputs).toEqual([0]);
  expect(out.slice(0, held.length).map((number) => number + 0)).toEqual([65504, -65504, 65504, 1, -1, 0, 2 ** -24, 0]);
  expect(out.slice(held.length).filter((number) => Number.isFinite(number))).toEqual([]);
});

/** Every kernel that adds the tile origin, cut as finely as it goes. */
describe('cut along y, a kernel gives the same bits', () => {
  const wanted = [
    'linear',
    'project',
    'expand',
    'weightGradient',
    'layerNorm',
    'attention',
    'attentionGradient',
    'embedding',
  ] as const;

  it.each(wanted)('%s', async (op) => {
    const testCase = opCases[op].toSorted((a, b) => a.counts.tokens - b.counts.tokens).at(-1);
    if (!testCase) throw new Error(`${op} has no case.`);
    const { graph, batch, weights } = caseGraph(op, testCase);
    const results: Float32Array[][] = [];
    let pieces = 0;
    for (const maxSubmitMs of [Infinity, 1e-6]) {
      const own = await createWgslExecutor({ ops, device, maxSubmitMs });
      own.allocateWeights(weights.map(({ value }) => value));
      for (const { value, values } of weights) {
        const [rows = 1, rowLength = 1] = value.shape.length === 1 ? [1, Number(value.shape[0])] : value.shape.map(Number);
        own.writeWeights({ tensor: value.label, rowOffset: 0, rows, rowLength, values });
      }
      const program = await own.prepare(graph, testCase.counts);
      // The first run of an executor that cuts measures; later ones are cut by what it found.
      await program.run(batch, testCase.step, true);
      results.push([...(await program.run(batch, testCase.step, true)).values()]);
      pieces = program.lastRun?.dispatches ?? 0;
      own.dispose();
    }
    expect(pieces).toBeGreaterThan(1);
    expect(results[1]).toEqual(results[0]);
  });
});
