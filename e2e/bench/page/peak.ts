import { GraphBuilder, type Graph } from '../../../workers/engine/graph';
import { idleStep } from '../../../workers/engine/step';
import type { Executor } from '../../../workers/engine/executor';
import { shapeRules } from '../../../workers/ops/index';
import { weightsOf, wholeTensors } from './classifier';

/** What a device reached on work that nothing but arithmetic or memory bounds. */
export interface Peak {
  /** Multiply-adds a second of our plain float32 kernel on a square product of this size. */
  multiplyAddsPerSecond: number;
  size: number;
  /** Bytes a second of a copy, read and written both counted; null where there is no device memory. */
  copyBytesPerSecond: number | null;
}

const products = 8;
const largestSize = 4096;

/** Long enough that starting and reading do not show. */
const longEnoughMs = 80;

/** On the executor itself, with products that grow until they take long enough. */
export async function measureProducts(create: () => Promise<Executor>): Promise<Omit<Peak, 'copyBytesPerSecond'>> {
  let size = 256;
  let ms = await squareProductsMs(create, size);
  while (size < largestSize && ms < longEnoughMs) {
    size *= 2;
    ms = await squareProductsMs(create, size);
  }
  return { multiplyAddsPerSecond: (products * size ** 3) / (ms / 1000), size };
}

/** A chain of square products; the least of three runs. */
async function squareProductsMs(create: () => Promise<Executor>, size: number): Promise<number> {
  const graph = squareProducts(size);
  const executor = await create();
  const weights = weightsOf(graph);
  executor.allocateWeights(weights);
  for (const weight of wholeTensors(weights)) executor.writeWeights(weight);
  await executor.finishWeights();
  const counts = { tokens: size, sequences: 1 };
  const program = await executor.prepare(graph, counts);
  const zeros = new Int32Array(size);
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    const begin = performance.now();
    await program.run({ ...counts, inputs: { inputIds: zeros, positions: zeros } }, idleStep, true);
    times.push(performance.now() - begin);
  }
  program.dispose();
  executor.dispose();
  return Math.min(...times.slice(1));
}

function squareProducts(size: number): Graph {
  const graph = new GraphBuilder(shapeRules);
  const ids = graph.input('inputIds', ['tokens']);
  const table = graph.weight('table', [16, size], 'float32');
  let x = graph.one('embedding', [ids, graph.input('positions', ['tokens']), table, table]);
  const weight = graph.weight('matrix', [size, size], 'float32');
  const attributes = { transposed: false, lora: null, activation: 'none' };
  for (let at = 0; at < products; at++) x = graph.one('linear', [x, weight, null], attributes);
  return graph.graph();
}

/** Of a large buffer on the graphics device. */
export async function measureCopy(): Promise<number> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('The adapter is gone.');
  const device = await adapter.requestDevice();
  const size = adapter.info.isFallbackAdapter ? 2 ** 26 : 2 ** 28;
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = [device.createBuffer({ size, usage }), device.createBuffer({ size, usage })];
  const copies = 8;
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    const encoder = device.createCommandEncoder();
    for (let at = 0; at < copies; at++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    const begin = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    times.push(performance.now() - begin);
  }
  device.destroy();
  return (2 * copies * size) / (Math.min(...times.slice(1)) / 1000);
}
