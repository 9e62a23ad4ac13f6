import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../executor';
import { GraphBuilder, type Value } from '../graph';
import { idleStep } from '../step';
import { createWasmExecutor, type WasmExecutor } from './executor';
import { f32, i32 } from './instructions';
import { defineKernel, type WasmTable } from './kernel';

const batch: Batch = { tokens: 3, sequences: 1, inputs: { numbers: new Int32Array(Float32Array.of(1, 2, 4).buffer) } };

/** One part a number. */
const double = defineKernel('double', { x: 'i32', y: 'i32', factor: 'f32' }, (f, { x, y, factor }, { part }) => {
  const offset = f.integer(i32.shl(part, 2));
  f.storeFloat(i32.add(y, offset), f32.mul(f32.load(i32.add(x, offset)), factor));
});

/** Ops of this test alone: what the executor does with ops in general. */
const table: WasmTable = {
  double: {
    kernels: [double],
    run({ node, address, counts, call }) {
      call(double, counts.tokens, { x: address(node.inputs[0]), y: address(node.outputs[0]), factor: 2 });
    },
  },
  /** Doubles the first numbers of a weight as it lies in memory. */
  plain: {
    kernels: [double],
    run: ({ node, address, call }) => call(double, 3, { x: address(node.inputs[0]), y: address(node.outputs[0]), factor: 2 }),
  },
  /** The same of its transpose, packed. */
  packed: {
    kernels: [double],
    packs: () => ({ input: 0, transposed: true }),
    run({ node, address, packed, call }) {
      const weight = node.inputs[0];
      if (weight) call(double, 3, { x: packed(weight, true), y: address(node.outputs[0]), factor: 2 });
    },
  },
  stranger: {
    kernels: [],
    run: ({ node, address, call }) => call({ ...double }, 1, { x: address(node.inputs[0]), y: 0, factor: 2 }),
  },
};

const builder = (): GraphBuilder => new GraphBuilder({ inferShape: () => [['tokens']] });

let executor: WasmExecutor;
let before = 0;

beforeEach(async () => {
  executor = await createWasmExecutor({ ops: table });
  before = executor.memoryBytes;
});

afterEach(() => executor.dispose());

describe('a program', () => {
  it('reads outputs, of several runs at once too, and gives its memory back', async () => {
    const graph = builder();
    const doubled = graph.one('double', [graph.input('numbers', ['tokens'], 'f32')]);
    graph.output('doubled', doubled);
    graph.output('again', graph.one('double', [doubled]));
    const program = await executor.prepare(graph.graph(), batch);
    const runs = [1, 2, 3].map((factor) => {
      const numbers = new Int32Array(Float32Array.of(factor, 2 * factor, 4 * factor).buffer);
      return program.run({ ...batch, inputs: { numbers } }, idleStep, false);
    });
    const readings = await Promise.all(runs);
    expect(readings.map((reading) => [...(reading.get('doubled') ?? [])])).toEqual([[2, 4, 8], [4, 8, 16], [6, 12, 24]]); // prettier-ignore
    expect([...(readings[2]?.get('again') ?? [])]).toEqual([12, 24, 48]);
    expect(program.arenaBytes).toBeGreaterThan(0);
    program.dispose();
    await expect(program.run(batch, idleStep, false)).rejects.toThrow('disposed');
    executor.dispose();
    expect(executor.memoryBytes).toBe(before);
  });

  it('lets other tasks run between steps', async () => {
    const graph = builder();
    graph.output('doubled', graph.one('double', [graph.input('numbers', ['tokens'], 'f32')]));
    const program = await executor.prepare(graph.graph(), batch);
    let heard = false;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      heard = true;
      port1.close();
    };
    port2.postMessage('stop');
    for (let step = 0; step < 5 && !heard; step++) await program.run(batch, idleStep, false);
    expect(heard).toBe(true);
  });

  it('refuses an op or a kernel that is not in the table, a missing input, a batch that is too large, and half precision', async () => {
    const unknown = builder();
    unknown.one('triple', [unknown.input('numbers', ['tokens'], 'f32')]);
    await expect(executor.prepare(unknown.graph(), batch)).rejects.toThrow('triple');

    const strange = builder();
    strange.one('stranger', [strange.input('numbers', ['tokens'], 'f32')]);
    const stranger = await executor.prepare(strange.graph(), batch);
    await expect(stranger.run(batch, idleStep, false)).rejects.toThrow('does not list the kernel double');

    const plain = builder();
    const doubled = plain.one('double', [plain.input('numbers', ['tokens'], 'f32')]);
    plain.output('doubled', doubled);
    const program = await executor.prepare(plain.graph(), batch);
    await expect(program.run({ ...batch, inputs: {} }, idleStep, false)).rejects.toThrow('no input numbers');
    await expect(program.run({ ...batch, tokens: 4 }, idleStep, false)).rejects.toThrow('4 tokens');

    const node = { ...plain.nodes[0]!, outputs: [{ ...doubled, type: 'f16' as const }] };
    await expect(executor.prepare({ nodes: [node], outputs: new Map() }, batch)).rejects.toThrow('float16');
  });
});

it('holds a weight in the forms that graphs ask for, and finds the plain one again', async () => {
  const values = Float32Array.from({ length: 6 }, (_, index) => index + 1);
  const graphOf = (op: string): [GraphBuilder, Value] => {
    const graph = builder();
    const weight = graph.weight('w', [2, 3], 'float32');
    graph.output('y', graph.one(op, [weight]));
    return [graph, weight];
  };
  const [packed, weight] = graphOf('packed');
  executor.allocateWeights([weight]);
  executor.writeWeights({ tensor: 'w', rowOffset: 0, rows: 2, rowLength: 3, values });
  await executor.finishWeights();
  // The transpose (3, 2) in a panel of eight columns: 1 4 0 …, 2 5 0 …, 3 6 0 ….
  const first = await executor.prepare(packed.graph(), batch);
  expect([...((await first.run(batch, idleStep, false)).get('y') ?? [])]).toEqual([2, 8, 0]);
  const packedBytes = executor.weightBytes;
  const second = await executor.prepare(graphOf('plain')[0].graph(), batch);
  expect([...((await second.run(batch, idleStep, false)).get('y') ?? [])]).toEqual([2, 4, 6]);
  expect(executor.weightBytes).toBeGreaterThan(packedBytes);
});
