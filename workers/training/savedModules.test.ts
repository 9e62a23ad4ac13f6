import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../engine/executor';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { createWasmExecutor } from '../engine/wasm/executor';
import { ops } from '../ops/index';
import { wasmOps } from '../ops/wasm/index';
import { loadParityCase, ParityRun, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectTrajectory } from '../testing/parityChecks';
import { createReferenceExecutor } from '../testing/referenceProgram';

const executors: [string, () => Promise<Executor>][] = [
  ['the double-precision references', async () => createReferenceExecutor()],
  ['WebAssembly', async () => createWasmExecutor({ ops: wasmOps })],
  ['TensorFlow.js', async () => createTfjsExecutor({ ops, backend: 'cpu' })],
];

describe.each(['gpt2-tiny-cls-saved', 'llama-tiny-cls-saved'])('%s', (name) => {
  let parity: ParityCase;
  beforeAll(async () => {
    const folder = new URL(`../testing/fixtures/reference/${name}/`, import.meta.url);
    parity = await loadParityCase(name, async (file) => new Uint8Array(await readFile(new URL(file, folder))));
  });

  describe.each(executors)('on %s', (_, create) => {
    let executor: Executor;
    let run: ParityRun;
    beforeAll(async () => {
      executor = await create();
      run = await ParityRun.create(parity, executor, 'float32');
    });
    afterAll(() => executor.dispose());

    it('gives PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
    it('adds up the gradients of micro-batches', () => expectAccumulation(parity, run));
    it('follows PyTorch’s twelve steps', () => expectTrajectory(parity, run, 12));
  });

  it('decays what transformers’ Trainer decays', async () => {
    const { layout } = (await ParityRun.create(parity, createReferenceExecutor(), 'float32')).graphs;
    const decayed = layout.slices.filter(({ offset }) => offset >= layout.undecayed).map(({ tensor }) => tensor);
    expect([...new Set(decayed)].sort()).toEqual(parity.meta.decayed_keys);
    expect(layout.undecayed).toBeGreaterThan(0);
  });

  it('follows the same steps with a scaled loss, and bit by bit where blocks are computed again', async () => {
    const scaled = await ParityRun.create(parity, createReferenceExecutor(), 'float32', { fp16: true });
    await expectTrajectory(parity, scaled, 12);
    const plain = await ParityRun.create(parity, createReferenceExecutor(), 'float32');
    const again = await ParityRun.create(parity, createReferenceExecutor(), 'float32', { gradientCheckpointing: true });
    expect(await again.trajectory()).toEqual(await plain.trajectory());
  });

  it('holds copies in float32 alone, whatever the frozen weights are', async () => {
    const { graphs } = await ParityRun.create(parity, createReferenceExecutor(), 'float16');
    const frozen = graphs.train.nodes.flatMap(({ inputs }) =>
      inputs.flatMap((value) => (value?.role.kind === 'weight' ? [parity.base.modulePrefix + value.role.tensor] : [])),
    );
    const copied = [...parity.base.tensors.keys()].filter((path) => graphs.layout.tensors().has(`base_model.model.${path}`));
    expect(copied.length).toBeGreaterThan(4);
    expect(copied.filter((path) => frozen.includes(path))).toEqual([]);
  });
});
