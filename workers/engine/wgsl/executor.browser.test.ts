import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blendOps, blendRules, newDevice } from '../../testing/blendOps';
import { GraphBuilder, type Graph } from '../graph';
import type { Program } from '../executor';
import { idleStep } from '../step';
import { createWgslExecutor, type WgslExecutor, type WgslOptions } from './executor';

let device: GPUDevice;

async function open(options: Partial<WgslOptions> = {}): Promise<WgslExecutor> {
  return createWgslExecutor({ ops: blendOps, device, maxSubmitMs: Infinity, ...options });
}

beforeAll(async () => {
  device = await newDevice();
});

afterAll(() => device.destroy());

function blended(columns: number, depth = 1): Graph {
  const graph = new GraphBuilder(blendRules);
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
    const graph = new GraphBuilder(blendRules);
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

describe('failures', () => {
  it('of a kernel’s compilation are told with the compiler’s words, and the executor lives on', async () => {
    const executor = await open();
    const graph = new GraphBuilder(blendRules);
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
