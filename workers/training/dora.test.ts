import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../engine/executor';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { createWasmExecutor } from '../engine/wasm/executor';
import { ops } from '../ops/index';
import { wasmOps } from '../ops/wasm/index';
import { loadParityCase, ParityRun, relativeDifference, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectTrajectory } from '../testing/parityChecks';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { initialParameters } from './initialise';
import { withMagnitudes } from './magnitudes';

const folder = new URL('../testing/fixtures/reference/dora-tiny/', import.meta.url);
let parity: ParityCase;
beforeAll(async () => {
  parity = await loadParityCase('dora-tiny', async (file) => new Uint8Array(await readFile(new URL(file, folder))));
});

const executors: [string, () => Promise<Executor>][] = [
  ['the double-precision references', async () => createReferenceExecutor()],
  ['WebAssembly', async () => createWasmExecutor({ ops: wasmOps })],
  ['TensorFlow.js', async () => createTfjsExecutor({ ops, backend: 'cpu' })],
];

describe.each(executors)('dora-tiny on %s', (_, create) => {
  let executor: Executor;
  let run: ParityRun;
  beforeAll(async () => {
    executor = await create();
    run = await ParityRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectAccumulation(parity, run));
  it('follows PyTorch’s fifteen steps', () => expectTrajectory(parity, run, 15));

  it('starts with the lengths of the weight’s rows, and so with the base model', async () => {
    const { layout, evaluate } = run.graphs;
    const start = await withMagnitudes(executor, evaluate, initialParameters(layout, 3, 0.02));
    const magnitudes = layout.unpack(start);
    for (const layer of [0, 1]) {
      const weight = parity.model.get(`transformer.h.${layer}.attn.c_attn.weight`);
      const [rows = 0, columns = 0] = weight?.shape ?? [];
      const norms = Array.from({ length: columns }, (_, column) =>
        Math.hypot(...Array.from({ length: rows }, (__, row) => weight?.values[row * columns + column] ?? Number.NaN)),
      );
      const name = `base_model.model.transformer.h.${layer}.attn.c_attn.lora_magnitude_vector`;
      expect(relativeDifference(magnitudes.get(name) ?? [], norms)).toBeLessThan(1e-6);
    }
    const logits = await logitsOf(executor, run, start);
    expect(relativeDifference(logits, await baseLogits(start, run))).toBeLessThan(1e-5);
  });
});

async function logitsOf(executor: Executor, run: ParityRun, parameters: Float32Array): Promise<Float32Array> {
  executor.writeState('parameters', parameters);
  return (await run.gradients()).readings.get('logits') ?? new Float32Array();
}

/** Plain LoRA's with the same start, in double precision: lora_B is zero. */
async function baseLogits(start: Float32Array, { graphs }: ParityRun): Promise<Float32Array> {
  const meta = { ...parity.meta, lora: { ...parity.meta.lora, use_dora: false } };
  const tensors = [...graphs.layout.unpack(start)].filter(([name]) => !name.endsWith('lora_magnitude_vector'));
  const adapter = new Map(tensors.map(([name, values]) => [name, { shape: [values.length], values }]));
  const plain = await ParityRun.create({ ...parity, meta, adapter }, createReferenceExecutor(), 'float32');
  return (await plain.gradients()).readings.get('logits') ?? new Float32Array();
}
