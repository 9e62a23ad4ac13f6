import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromFloat16Array, toFloat16Array } from '../../api/float16';
import { blendOps, blendRules, newDevice } from '../../testing/blendOps';
import { GraphBuilder, type Value } from '../graph';
import { dequantise, quantise } from '../quantisedBlocks';
import { idleStep } from '../step';
import { roundedTo } from '../weightStorage';
import { createWgslExecutor, type WgslExecutor } from './executor';

let device: GPUDevice;

async function open(): Promise<WgslExecutor> {
  return createWgslExecutor({ ops: blendOps, device, maxSubmitMs: Infinity });
}

beforeAll(async () => {
  device = await newDevice();
});

afterAll(() => device.destroy());

describe('weights', () => {
  const rows = 5;
  const rowLength = 7;
  const tensor = Float32Array.from({ length: rows * rowLength }, (_, index) => Math.sin(index) / 3);

  async function readWeight(executor: WgslExecutor, weight: (graph: GraphBuilder) => Value): Promise<Float32Array> {
    const graph = new GraphBuilder(blendRules);
    graph.output('y', graph.one('copy', [weight(graph)]));
    const program = await executor.prepare(graph.graph(), { tokens: 1, sequences: 1 });
    const readings = await program.run({ tokens: 1, sequences: 1, inputs: {} }, idleStep, true);
    return readings.get('y') ?? new Float32Array(0);
  }

  const chunk = (rowOffset: number, count: number) => ({
    tensor: 't',
    rowOffset,
    rows: count,
    rowLength,
    values: tensor.slice(rowOffset * rowLength, (rowOffset + count) * rowLength),
  });

  it.each(['float32', 'float16'] as const)(
    'arrive in chunks of odd length in any order, whole and by columns: %s',
    async (storage) => {
      const executor = await open();
      const whole = (graph: GraphBuilder) => graph.weight('t', [rows, rowLength], storage);
      const part = (graph: GraphBuilder) => graph.weight('t', [rows, 3], storage, [2, 5]);
      const graph = new GraphBuilder(blendRules);
      executor.allocateWeights([whole(graph), part(graph)]);
      for (const [rowOffset, count] of [
        [3, 1],
        [0, 1],
        [4, 1],
        [1, 2],
      ] as const) {
        executor.writeWeights(chunk(rowOffset, count));
      }
      await executor.finishWeights();
      const expected = storage === 'float16' ? fromFloat16Array(toFloat16Array(tensor)) : tensor;
      expect(await readWeight(executor, whole)).toEqual(expected);
      const columns = expected.filter((_, index) => index % rowLength >= 2 && index % rowLength < 5);
      expect(await readWeight(executor, part)).toEqual(columns);
      executor.dispose();
    },
  );

  it('take float16 bits as they are and keep vectors in float32', async () => {
    const executor = await open();
    const matrix = (graph: GraphBuilder) => graph.weight('t', [rows, rowLength], 'float16');
    const graph = new GraphBuilder(blendRules);
    executor.allocateWeights([matrix(graph), graph.weight('v', [4], 'float16', [1, 5])]);
    const bits = toFloat16Array(tensor);
    executor.writeWeights({ tensor: 't', rowOffset: 0, rows, rowLength, values: bits });
    executor.writeWeights({ tensor: 'v', rowOffset: 0, rows: 1, rowLength: 3, values: tensor.slice(0, 3) });
    executor.writeWeights({ tensor: 'v', rowOffset: 3, rows: 3, rowLength: 1, values: toFloat16Array(tensor.slice(3, 6)) });
    executor.writeWeights({ tensor: 'unused', rowOffset: 0, rows: 1, rowLength: 1, values: Float32Array.of(1) });
    await executor.finishWeights();
    expect(await readWeight(executor, matrix)).toEqual(fromFloat16Array(bits));
    executor.dispose();
  });

  it.each(['int8', 'int4'] as const)('are quantised as they arrive, or taken over, whole and by columns: %s', async (storage) => {
    // Three blocks to a row: rows begin in the middle of a group.
    const width = 96;
    const numbers = Float32Array.from({ length: rows * width }, (_, index) => Math.sin(index * index) / 3);
    const whole = (graph: GraphBuilder) => graph.weight('t', [rows, width], storage);
    const part = (graph: GraphBuilder) => graph.weight('t', [rows, 32], storage, [32, 64]);
    const rest = (graph: GraphBuilder) => graph.weight('t', [rows, 3], storage, [1, 4]);
    const expected = roundedTo(storage, numbers);
    const columns = (from: Float32Array, begin: number, end: number) =>
      from.filter((_, index) => index % width >= begin && index % width < end);
    for (const quantised of [false, true]) {
      const executor = await open();
      const graph = new GraphBuilder(blendRules);
      const before = executor.memoryBytes;
      executor.allocateWeights([whole(graph), part(graph), rest(graph)]);
      const wholeBytes = storage === 'int8' ? 8 * 68 : 15 * 20;
      const partBytes = storage === 'int8' ? 3 * 68 : 5 * 20;
      expect(executor.memoryBytes - before).toBe(wholeBytes + partBytes + 32);
      for (const [rowOffset, count] of [
        [3, 1],
        [0, 1],
        [4, 1],
        [1, 2],
      ] as const) {
        const values = numbers.slice(rowOffset * width, (rowOffset + count) * width);
        const given = quantised ? quantise(storage, values) : values;
        executor.writeWeights({ tensor: 't', rowOffset, rows: count, rowLength: width, values: given });
      }
      await executor.finishWeights();
      expect(await readWeight(executor, whole)).toEqual(expected);
      expect(await readWeight(executor, part)).toEqual(columns(expected, 32, 64));
      // Three columns are no block: float16.
      expect(await readWeight(executor, rest)).toEqual(roundedTo('float16', columns(quantised ? expected : numbers, 1, 4)));
      executor.dispose();
    }
  });

  it('quantised one way are held another where that is asked for', async () => {
    const numbers = Float32Array.from({ length: 64 }, (_, index) => Math.cos(index));
    const executor = await open();
    const matrix = (graph: GraphBuilder) => graph.weight('t', [1, 64], 'int8');
    executor.allocateWeights([matrix(new GraphBuilder(blendRules))]);
    const given = quantise('int4', numbers);
    executor.writeWeights({ tensor: 't', rowOffset: 0, rows: 1, rowLength: 64, values: given });
    expect(await readWeight(executor, matrix)).toEqual(roundedTo('int8', dequantise(given)));
    executor.dispose();
  });

  it('that never came are named', async () => {
    const executor = await open();
    const graph = new GraphBuilder(blendRules);
    executor.allocateWeights([graph.weight('t', [rows, rowLength], 'float16'), graph.weight('v', [3], 'float32')]);
    executor.writeWeights(chunk(0, 3));
    await expect(executor.finishWeights()).rejects.toMatchObject({
      code: 'model/missing-tensor',
      message: expect.stringContaining('t (2 rows), v (3 rows)'),
    });
    expect(() => executor.writeWeights(chunk(4, 1))).not.toThrow();
    expect(() => executor.writeWeights({ ...chunk(0, 2), rowOffset: 4 })).toThrow('rows 4 to 6 came, but it has 5');
    expect(() => executor.writeWeights({ ...chunk(0, 2), rows: 3 })).toThrow('3 rows of 7 came with 14 numbers');
    executor.dispose();
  });

  it('too large for the device are refused with the remedy', async () => {
    const executor = await open();
    const columns = device.limits.maxStorageBufferBindingSize / 4 + 1;
    const graph = new GraphBuilder(blendRules);
    expect(() => executor.allocateWeights([graph.weight('t', [1, columns], 'float32')])).toThrow(
      expect.objectContaining({ code: 'model/too-large', remedy: expect.stringContaining('float16') }),
    );
    executor.dispose();
  });
});
