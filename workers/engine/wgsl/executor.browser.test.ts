import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromFloat16Array, toFloat16Array } from '../../api/float16';
import { GraphBuilder, type Graph, type Node, type ShapeRules, type Value } from '../graph';
import type { Counts } from '../shape';
import type { Program } from '../executor';
import { dequantise, quantise } from '../quantisedBlocks';
import { idleStep } from '../step';
import { roundedTo } from '../weightStorage';
import { buildKernel, spread } from './buildKernel';
import { createWgslExecutor, type KernelTable, type WgslExecutor, type WgslOptions } from './executor';

/** y = x * lossWeight + w, for each of `columns` columns; enough of an op to see what an executor does. */
const wgsl = `
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
//@if GATHER
  y[i] = w_at(i);
//@else
  y[i] = x_at(i) * batch.lossWeight + w_at(i);
//@end
}`;

function kernelOf(node: Node, gather: boolean) {
  const [y] = node.outputs;
  const [x, w] = gather ? [null, node.inputs[0]] : node.inputs;
  if (!y || !w) throw new Error('The test graph is wrong.');
  const columns = Number(y.shape[1]);
  const size = (counts: Counts) => (y.shape[0] === 'tokens' ? counts.tokens : Number(y.shape[0])) * columns;
  return buildKernel({
    label: node.op,
    body: [wgsl],
    flags: { GATHER: gather },
    bindings: [...(x ? [{ name: 'x', value: x, type: 'scalar' as const }] : []), scalar('w', w), scalar('y', y)],
    integers: { rows: y.shape[0] ?? 1, columns },
    grid: (counts) => spread(Math.ceil(size(counts) / 64)),
    multiplyAdds: (counts) => size(counts) * 100,
  });
}

const scalar = (name: string, value: Value) => ({ name, value, type: 'scalar' as const });

const table: KernelTable = {
  blend: { kernel: ({ node }) => [kernelOf(node, false)] },
  copy: { kernel: ({ node }) => [kernelOf(node, true)] },
  broken: { kernel: ({ node }) => [{ ...kernelOf(node, true), source: 'fn main() -> nonsense {}' }] },
};
const rules: ShapeRules = { inferShape: (_, inputs) => [inputs[0] ?? []] };

let device: GPUDevice;

async function newDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  return adapter.requestDevice();
}

async function open(options: Partial<WgslOptions> = {}): Promise<WgslExecutor> {
  return createWgslExecutor({ ops: table, device, maxSubmitMs: Infinity, ...options });
}

beforeAll(async () => {
  device = await newDevice();
});

afterAll(() => device.destroy());

function blended(columns: number, depth = 1): Graph {
  const graph = new GraphBuilder(rules);
  const w = graph.input('w', ['tokens', columns], 'f32');
  let value = graph.input('x', ['tokens', columns], 'f32');
  for (let at = 0; at < depth; at++) value = graph.one('blend', [value, w]);
  graph.output('y', value);
  return graph.graph();
}

function batchOf(tokens: number, columns: number, x: (index: number) => number) {
  const floats = (fill: (index: number) => number) =>
    new Int32Array(Float32Array.from({ length: tokens * columns }, (_, index) => fill(index)).buffer);
  return { tokens, sequences: 1, inputs: { x: floats(x), w: floats((index) => index % 3) } };
}

describe('runs', () => {
  it('under way together each read their own values, and make no bind group', async () => {
    const executor = await open();
    const program = await executor.prepare(blended(4), { tokens: 50, sequences: 1 });
    const runs = Array.from({ length: 30 }, (_, run) =>
      program.run(
        batchOf(1 + run, 4, () => run),
        { ...idleStep, lossWeight: 10 },
        true,
      ),
    );
    const readings = await Promise.all(runs);
    readings.forEach((reading, run) => {
      expect([...(reading.get('y') ?? [])]).toEqual(Array.from({ length: 4 * (1 + run) }, (_, index) => 10 * run + (index % 3)));
    });
    expect(program.lastRun).toMatchObject({ dispatches: 1, submits: 1, bindGroupsCreated: 0 });
    expect(program.lastRun?.encodeMs).toBeLessThan(100);
    executor.dispose();
  });

  it('that are cut give what one submit gives', async () => {
    const tokens = 700;
    const batch = batchOf(tokens, 64, (index) => (index % 7) / 8);
    const step = { ...idleStep, lossWeight: 0.5 };
    const whole = await open();
    const expected = await (await whole.prepare(blended(64, 5), { tokens, sequences: 1 })).run(batch, step, true);
    whole.dispose();
    const cutting = await open({ maxSubmitMs: 0.001 });
    const program = await cutting.prepare(blended(64, 5), { tokens, sequences: 1 });
    for (let run = 0; run < 3; run++) {
      const readings = await program.run(batch, step, true);
      expect(readings.get('y')).toEqual(expected.get('y'));
    }
    expect(program.lastRun?.submits).toBeGreaterThan(5);
    expect(program.lastRun?.dispatches).toBeGreaterThan(5);
    cutting.dispose();
  });

  it('find one submit again on a device that is fast enough', async () => {
    const executor = await open({ maxSubmitMs: 60_000 });
    const program = await executor.prepare(blended(64, 5), { tokens: 700, sequences: 1 });
    for (let run = 0; run < 2; run++) {
      await program.run(
        batchOf(700, 64, () => 1),
        idleStep,
        true,
      );
    }
    expect(program.lastRun).toMatchObject({ dispatches: 5, submits: 1 });
    executor.dispose();
  });

  it('refuse a batch that is larger than planned or lacks an input', async () => {
    const executor = await open();
    const program = await executor.prepare(blended(4), { tokens: 5, sequences: 1 });
    await expect(
      program.run(
        batchOf(6, 4, () => 0),
        idleStep,
        true,
      ),
    ).rejects.toThrow('room for 5');
    await expect(program.run({ tokens: 1, sequences: 1, inputs: {} }, idleStep, true)).rejects.toThrow('x has no numbers; 4');
    executor.dispose();
  });

  it('leave out the update phase and its outputs unless asked', async () => {
    const executor = await open();
    executor.allocateParameters(64);
    const graph = new GraphBuilder(rules);
    graph.output('first', graph.one('copy', [graph.parameter('p', ['tokens', 2], 0)]));
    graph.beginUpdate();
    graph.output('second', graph.one('copy', [graph.parameter('p', ['tokens', 2], 0)]));
    executor.writeState(
      'parameters',
      Float32Array.from({ length: 64 }, (_, index) => index),
    );
    const program = await executor.prepare(graph.graph(), { tokens: 1, sequences: 1 });
    const batch = { tokens: 1, sequences: 1, inputs: {} };
    expect([...(await program.run(batch, idleStep, false)).keys()]).toEqual(['first']);
    const readings = await program.run(batch, idleStep, true);
    expect([...(readings.get('second') ?? [])]).toEqual([0, 1]);

    // New flat buffers: the program binds them by itself.
    executor.allocateParameters(128);
    executor.writeState('parameters', new Float32Array(128).fill(7));
    expect([...((await program.run(batch, idleStep, true)).get('second') ?? [])]).toEqual([7, 7]);
    expect(program.lastRun?.bindGroupsCreated).toBe(2);
    expect((await executor.readState('parameters')).length).toBe(128);
    executor.dispose();
  });

  it('share arenas, also where a later one needs larger ones', async () => {
    const executor = await open();
    const prepared = async (tokens: number) => {
      const before = executor.memoryBytes;
      const program = await executor.prepare(blended(64, 3), { tokens, sequences: 1 });
      return { program, bytes: executor.memoryBytes - before };
    };
    const small = batchOf(10, 64, (index) => index);
    const read = async (program: Program) => [...((await program.run(small, idleStep, true)).get('y') ?? [])];
    const { program, bytes } = await prepared(10);
    const alone = await read(program);
    const twin = await prepared(10);
    expect(bytes - twin.bytes).toBe(program.arenaBytes);
    const large = await prepared(100);
    const [between] = await Promise.all([
      read(program),
      large.program.run(
        batchOf(100, 64, () => 1),
        idleStep,
        true,
      ),
    ]);
    expect(between).toEqual(alone);
    large.program.dispose();
    expect(await read(program)).toEqual(alone);
    executor.dispose();
  });

  it('give their memory back', async () => {
    const executor = await open();
    const before = executor.memoryBytes;
    const program = await executor.prepare(blended(64, 3), { tokens: 100, sequences: 1 });
    await program.run(
      batchOf(100, 64, () => 1),
      idleStep,
      true,
    );
    expect(program.arenaBytes).toBe(2 * 100 * 64 * 4);
    expect(executor.memoryBytes).toBeGreaterThan(before + program.arenaBytes);
    program.dispose();
    expect(executor.memoryBytes).toBe(before);
    executor.dispose();
  });
});

describe('weights', () => {
  const rows = 5;
  const rowLength = 7;
  const tensor = Float32Array.from({ length: rows * rowLength }, (_, index) => Math.sin(index) / 3);

  async function readWeight(executor: WgslExecutor, weight: (graph: GraphBuilder) => Value): Promise<Float32Array> {
    const graph = new GraphBuilder(rules);
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
      const graph = new GraphBuilder(rules);
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
    const graph = new GraphBuilder(rules);
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
      const graph = new GraphBuilder(rules);
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
    executor.allocateWeights([matrix(new GraphBuilder(rules))]);
    const given = quantise('int4', numbers);
    executor.writeWeights({ tensor: 't', rowOffset: 0, rows: 1, rowLength: 64, values: given });
    expect(await readWeight(executor, matrix)).toEqual(roundedTo('int8', dequantise(given)));
    executor.dispose();
  });

  it('that never came are named', async () => {
    const executor = await open();
    const graph = new GraphBuilder(rules);
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
    const graph = new GraphBuilder(rules);
    expect(() => executor.allocateWeights([graph.weight('t', [1, columns], 'float32')])).toThrow(
      expect.objectContaining({ code: 'model/too-large', remedy: expect.stringContaining('float16') }),
    );
    executor.dispose();
  });
});

describe('failures', () => {
  it('of a kernel’s compilation are told with the compiler’s words, and the executor lives on', async () => {
    const executor = await open();
    const graph = new GraphBuilder(rules);
    graph.output('y', graph.one('broken', [graph.input('w', ['tokens', 2], 'f32')]));
    await expect(executor.prepare(graph.graph(), { tokens: 1, sequences: 1 })).rejects.toThrow(
      /broken does not compile[\s\S]*nonsense/,
    );
    const program = await executor.prepare(blended(2), { tokens: 1, sequences: 1 });
    const readings = await program.run(
      batchOf(1, 2, () => 1),
      idleStep,
      true,
    );
    expect([...(readings.get('y') ?? [])]).toEqual([1, 2]);
    executor.dispose();
  });

  it('that the device reports reject the runs', async () => {
    const own = await newDevice();
    const executor = await open({ device: own });
    const program = await executor.prepare(blended(2), { tokens: 1, sequences: 1 });
    const buffer = own.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    own.queue.writeBuffer(buffer, 0, new Uint32Array(1));
    const batch = batchOf(1, 2, () => 1);
    await expect(program.run(batch, idleStep, true)).rejects.toThrow('refused a command');
    await expect(program.run(batch, idleStep, true)).rejects.toThrow('refused a command');
    executor.dispose();
    own.destroy();
  });

  it('of the whole device end the runs and are told', async () => {
    const own = await newDevice();
    const executor = await open({ device: own });
    const program = await executor.prepare(blended(2), { tokens: 1, sequences: 1 });
    own.destroy();
    expect(await executor.lost).not.toBe('');
    await expect(
      program.run(
        batchOf(1, 2, () => 1),
        idleStep,
        true,
      ),
    ).rejects.toMatchObject({ code: 'device/lost' });
    executor.dispose();
  });
});
