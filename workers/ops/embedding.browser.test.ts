import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, type WeightStorage } from '../engine/graph';
import { idleStep } from '../engine/step';
import { roundedTo } from '../engine/weightStorage';
import { createWgslExecutor } from '../engine/wgsl/executor';
import { ops, shapeRules } from './index';

let device: GPUDevice;

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  device = await adapter.requestDevice();
});

afterAll(() => device.destroy());

/** Any number at any place, and each exact in float16. */
const entry = (row: number, column: number): number => ((row * 31 + column * 7) % 1021) - 500;

interface Table {
  vocabulary: number;
  width: number;
  storage: WeightStorage;
  maxBindingBytes?: number;
  chunkRows: number;
}

/** Looks rows up in a table that came in chunks; the submits tell whether it lies in several buffers. */
async function lookUp(table: Table, ids: readonly number[]): Promise<{ values: Float32Array; dispatches: number }> {
  const { vocabulary, width, storage, maxBindingBytes, chunkRows } = table;
  const limit = maxBindingBytes === undefined ? {} : { maxBindingBytes };
  const executor = await createWgslExecutor({ ops, device, maxSubmitMs: Infinity, ...limit });
  const graph = new GraphBuilder(shapeRules);
  const wte = graph.weight('wte', [vocabulary, width], storage);
  const wpe = graph.weight('wpe', [2, width], 'float32');
  graph.output(
    'y',
    graph.one('embedding', [graph.input('inputIds', ['tokens']), graph.input('positions', ['tokens']), wte, wpe]),
  );
  executor.allocateWeights([wte, wpe]);
  executor.writeWeights({
    tensor: 'wpe',
    rowOffset: 0,
    rows: 2,
    rowLength: width,
    values: new Float32Array(2 * width).fill(1000),
  });
  for (let rowOffset = 0; rowOffset < vocabulary; rowOffset += chunkRows) {
    const rows = Math.min(chunkRows, vocabulary - rowOffset);
    const values = new Float32Array(rows * width);
    for (let at = 0; at < values.length; at++) values[at] = entry(rowOffset + Math.floor(at / width), at % width);
    executor.writeWeights({ tensor: 'wte', rowOffset, rows, rowLength: width, values });
  }
  await executor.finishWeights();
  const counts = { tokens: ids.length, sequences: 1 };
  const program = await executor.prepare(graph.graph(), counts);
  const inputs = { inputIds: Int32Array.from(ids), positions: new Int32Array(ids.length) };
  const readings = await program.run({ ...counts, inputs }, idleStep, true);
  const dispatches = program.lastRun?.dispatches ?? 0;
  executor.dispose();
  return { values: readings.get('y') ?? new Float32Array(), dispatches };
}

function expected(ids: readonly number[], width: number, storage: WeightStorage): Float32Array {
  const rows = Float32Array.from(ids.flatMap((id) => Array.from({ length: width }, (_, column) => entry(id, column))));
  return roundedTo(storage, rows).map((value) => 1000 + value);
}

describe('a table in several buffers', () => {
  const ids = [0, 66, 1, 33, 14, 15, 16, 17, 30, 31, 32, 47, 65];

  it.each([
    { width: 65, storage: 'float32', windows: 5 },
    { width: 65, storage: 'float16', windows: 3 },
    { width: 64, storage: 'float16', windows: 3 },
    { width: 96, storage: 'int8', windows: 2 },
    { width: 128, storage: 'int4', windows: 2 },
  ] as const)('$width columns, $storage', async ({ width, storage, windows }) => {
    const { values, dispatches } = await lookUp({ vocabulary: 67, width, storage, maxBindingBytes: 4000, chunkRows: 7 }, ids);
    expect(dispatches).toBe(windows);
    expect(values).toEqual(expected(ids, width, storage));
  });

  it('because this device binds no more', async (context) => {
    const { maxStorageBufferBindingSize } = device.limits;
    // Where a device binds more, a table that is too large would not fit the machine that tests it.
    if (maxStorageBufferBindingSize > 2 ** 27) return context.skip();
    const table = { vocabulary: 50_257, width: 768, storage: 'float32', chunkRows: 4096 } as const;
    const some = [0, 50_256, 43_690, 43_691, 20_000];
    const { values, dispatches } = await lookUp(table, some);
    expect(dispatches).toBe(2);
    expect(values).toEqual(expected(some, 768, 'float32'));
  });
});
