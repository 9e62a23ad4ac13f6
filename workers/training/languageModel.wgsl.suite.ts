import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../engine/executor';
import type { WeightStorage } from '../engine/graph';
import { createWgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { everyKernel } from '../testing/kernelSample';
import {
  LanguageModelRun,
  loadLanguageModelCase,
  roundedLanguageModel,
  type LanguageModelCase,
} from '../testing/languageModelCase';
import {
  expectBranchScores,
  expectGreedyTokens,
  expectTokenAccumulation,
  expectTokenGradients,
  expectTokenTrajectory,
} from '../testing/languageModelChecks';
import { relativeDifference } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { device } from '../testing/sharedDevice';

const names = ['gpt2-tiny-lm', 'llama-tiny-lm', 'mistral-tiny-lm'];

/** Runs of a session hold the others too (../session/run/quantisedRuns.browser.test.browser.test.ts). */
const storages: readonly WeightStorage[] = everyKernel ? ['float16', 'int4'] : ['int4'];

describe.each(names)('%s on WGSL', (name) => {
  let parity: LanguageModelCase;
  let executor: Executor;
  let run: LanguageModelRun;

  beforeAll(async () => {
    parity = await loadLanguageModelCase(name, caseReader(name));
    executor = await createWgslExecutor({ ops, device });
    run = await LanguageModelRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectTokenGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectTokenAccumulation(parity, run));
  it('follows PyTorch’s steps', () => expectTokenTrajectory(parity, run));
  it('writes PyTorch’s greedy tokens', () => expectGreedyTokens(parity, run));
  it('scores answers that share a beginning as if each stood alone', () => expectBranchScores(parity, run));
});

describe('llama-tiny-lm on WGSL', () => {
  it.each(storages)('with %s weights gives the gradients of the rounded weights', async (storage) => {
    const parity = roundedLanguageModel(await loadLanguageModelCase('llama-tiny-lm', caseReader('llama-tiny-lm')), storage);
    const executor = await createWgslExecutor({ ops, device });
    try {
      const oracle = await LanguageModelRun.create(parity, createReferenceExecutor(), 'float32');
      const run = await LanguageModelRun.create(parity, executor, storage);
      const [actual, expected] = [await run.gradients(), await oracle.gradients()];
      for (const [name, gradient] of expected.gradients) {
        expect(relativeDifference(actual.gradients.get(name) ?? [], gradient), name).toBeLessThan(1e-4);
      }
      expect(relativeDifference(await run.logits(), await oracle.logits())).toBeLessThan(1e-4);
    } finally {
      executor.dispose();
    }
  });

  it('follows PyTorch’s steps with a head in several buffers', async () => {
    const parity = await loadLanguageModelCase('llama-tiny-lm', caseReader('llama-tiny-lm'));
    const narrow = await createWgslExecutor({ ops, device, maxBindingBytes: 64 * 1024 });
    try {
      const cut = await LanguageModelRun.create(parity, narrow, 'float32');
      cut.reset();
      const { losses } = await cut.trajectory();
      losses.forEach((loss, step) => expect(Math.abs(loss / (parity.trajectory.loss[step] ?? 0) - 1)).toBeLessThan(1e-3));
    } finally {
      narrow.dispose();
    }
  });

  it('follows PyTorch’s losses within 1e-2 in half precision, blocks computed again', async () => {
    const parity = await loadLanguageModelCase('llama-tiny-lm', caseReader('llama-tiny-lm'));
    const executor = await createWgslExecutor({ ops, device });
    try {
      const run = await LanguageModelRun.create(parity, executor, 'float32', { fp16: true, gradientCheckpointing: true });
      const { losses } = await run.trajectory();
      losses.forEach((loss, step) => expect(Math.abs(loss / (parity.trajectory.loss[step] ?? 0) - 1)).toBeLessThan(1e-2));
    } finally {
      executor.dispose();
    }
  });
});
