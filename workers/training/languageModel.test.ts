import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../engine/executor';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { createWasmExecutor } from '../engine/wasm/executor';
import { ops } from '../ops/index';
import { wasmOps } from '../ops/wasm/index';
import { LanguageModelRun, loadLanguageModelCase, type LanguageModelCase } from '../testing/languageModelCase';
import {
  expectBranchScores,
  expectGreedyTokens,
  expectTokenAccumulation,
  expectTokenGradients,
  expectTokenTrajectory,
} from '../testing/languageModelChecks';
import { createReferenceExecutor } from '../testing/referenceProgram';

const names = ['gpt2-tiny-lm', 'llama-tiny-lm', 'mistral-tiny-lm', 'llama3-tiny-lm', 'qwen2-tiny-lm'];

const executors: Record<string, () => Promise<Executor>> = {
  'the double-precision references': async () => createReferenceExecutor(),
  WebAssembly: () => createWasmExecutor({ ops: wasmOps }),
  'TensorFlow.js': () => createTfjsExecutor({ ops, backend: 'cpu' }),
};

async function load(name: string): Promise<LanguageModelCase> {
  const folder = new URL(`../testing/fixtures/reference/${name}/`, import.meta.url);
  // A copy: Node's buffers share their memory.
  return loadLanguageModelCase(name, async (file) => new Uint8Array(await readFile(new URL(file, folder))));
}

describe.each(names)('%s', (name) => {
  describe.each(Object.entries(executors))('on %s', (_, create) => {
    let parity: LanguageModelCase;
    let run: LanguageModelRun;

    beforeAll(async () => {
      parity = await load(name);
      run = await LanguageModelRun.create(parity, await create(), 'float32');
    });

    it('gives PyTorch’s logits, loss, norm and gradients', () => expectTokenGradients(parity, run));
    it('adds up the gradients of micro-batches', () => expectTokenAccumulation(parity, run));
    it('follows PyTorch’s steps', () => expectTokenTrajectory(parity, run));
    it('writes PyTorch’s greedy tokens', () => expectGreedyTokens(parity, run));
    it('scores answers that share a beginning as if each stood alone', () => expectBranchScores(parity, run));
  });

  it('follows the same steps with a scaled loss, and where blocks are computed again', async () => {
    const parity = await load(name);
    const options = { fp16: true, gradientCheckpointing: true };
    const run = await LanguageModelRun.create(parity, createReferenceExecutor(), 'float32', options);
    expect(run.graphs.fp16).toBe(true);
    await expectTokenTrajectory(parity, run);
    await expectTokenGradients(parity, run);
  });

  it('gives the same gradients in blocks of which every token is learned, by graphs that know it', async () => {
    const parity = await load(name);
    const whole = { ...parity, examples: parity.examples.map(({ ids }) => ({ ids, targetStart: 1 })) };
    const plain = await LanguageModelRun.create(whole, await createWasmExecutor({ ops: wasmOps }), 'float32');
    const every = await LanguageModelRun.create(whole, await createWasmExecutor({ ops: wasmOps }), 'float32', {
      everyToken: true,
    });
    expect(JSON.stringify(every.graphs.train.nodes.map(({ outputs }) => outputs))).not.toContain('"targets"');
    expect((await every.gradients()).gradients).toEqual((await plain.gradients()).gradients);
  });
});
