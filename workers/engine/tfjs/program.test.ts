import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../executor';
import { GraphBuilder } from '../graph';
import { idleStep } from '../step';
import { createTfjsExecutor, type TfjsExecutor } from './executor';
import type { TfjsTable } from './program';

const batch: Batch = { tokens: 3, sequences: 1, inputs: { numbers: new Int32Array(Float32Array.of(1, 2, 4).buffer) } };

/** Ops of this test alone: what the executor does with ops in general. */
const table: TfjsTable = {
  double: { tfjs: ({ tf: { mul } }, [x]) => (x ? [mul(x, 2)] : []) },
  same: { tfjs: (_, [x]) => (x ? [x] : []) },
  short: { tfjs: ({ tf: { zeros } }) => [zeros([2])] },
  exhausted: {
    tfjs: () => {
      throw new RangeError('Array buffer allocation failed');
    },
  },
};

const builder = (): GraphBuilder => new GraphBuilder({ inferShape: () => [['tokens']] });

let executor: TfjsExecutor;
let tensors = 0;

beforeEach(async () => {
  executor = await createTfjsExecutor({ ops: table, backend: 'cpu' });
  tensors = tf.memory().numTensors;
});

afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensors);
  executor.dispose();
});

describe('a program', () => {
  it('reads outputs, also of several runs at once and of an op that hands its input on', async () => {
    const graph = builder();
    const input = graph.input('numbers', ['tokens'], 'f32');
    const doubled = graph.one('double', [graph.one('same', [input])]);
    graph.output('doubled', doubled);
    graph.output('again', graph.one('same', [doubled]));
    const program = await executor.prepare(graph.graph(), batch);
    const runs = [1, 2, 3].map((factor) => {
      const numbers = new Int32Array(Float32Array.of(factor, 2 * factor, 4 * factor).buffer);
      return program.run({ ...batch, inputs: { numbers } }, idleStep, false);
    });
    const readings = await Promise.all(runs);
    expect(readings.map((reading) => [...(reading.get('doubled') ?? [])])).toEqual([[2, 4, 8], [4, 8, 16], [6, 12, 24]]); // prettier-ignore
    expect([...(readings[2]?.get('again') ?? [])]).toEqual([6, 12, 24]);
    expect(program.arenaBytes).toBeGreaterThan(0);
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

  it('refuses an op that is not in the table, an output of the wrong size and a missing input', async () => {
    const unknown = builder();
    unknown.one('triple', [unknown.input('numbers', ['tokens'], 'f32')]);
    await expect(executor.prepare(unknown.graph(), batch)).rejects.toThrow('triple');

    const short = builder();
    short.one('short', [short.input('numbers', ['tokens'], 'f32')]);
    const program = await executor.prepare(short.graph(), batch);
    await expect(program.run({ ...batch, inputs: {} }, idleStep, false)).rejects.toThrow('no input numbers');
    await expect(program.run(batch, idleStep, false)).rejects.toThrow('short gave 2 numbers');
  });

  it('names exhausted memory, with the remedy', async () => {
    const graph = builder();
    graph.one('exhausted', [graph.input('numbers', ['tokens'], 'f32')]);
    const program = await executor.prepare(graph.graph(), batch);
    await expect(program.run(batch, idleStep, false)).rejects.toMatchObject({ code: 'device/out-of-memory' });
  });
});
