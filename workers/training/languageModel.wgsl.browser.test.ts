import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../engine/executor';
import { createWgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { LanguageModelRun, loadLanguageModelCase, type LanguageModelCase } from '../testing/languageModelCase';
import {
  expectBranchScores,
  expectGreedyTokens,
  expectTokenAccumulation,
  expectTokenGradients,
  expectTokenTrajectory,
} from '../testing/languageModelChecks';

const names = ['gpt2-tiny-lm', 'llama-tiny-lm', 'mistral-tiny-lm'];

describe.each(names)('%s on WGSL', (name) => {
  let parity: LanguageModelCase;
  let executor: Executor;
  let run: LanguageModelRun;

  beforeAll(async () => {
    parity = await loadLanguageModelCase(name, caseReader(name));
    executor = await createWgslExecutor({ ops });
    run = await LanguageModelRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectTokenGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectTokenAccumulation(parity, run));
  it('follows PyTorch’s steps', () => expectTokenTrajectory(parity, run));
  it('writes PyTorch’s greedy tokens', () => expectGreedyTokens(parity, run));
  it('scores answers that share a beginning as if each stood alone', () => expectBranchScores(parity, run));

  it('follows PyTorch’s steps with a head in several buffers', async () => {
    const narrow = await createWgslExecutor({ ops, maxBindingBytes: 64 * 1024 });
    try {
      const cut = await LanguageModelRun.create(parity, narrow, 'float32');
      cut.reset();
      const { losses } = await cut.trajectory();
      losses.forEach((loss, step) => expect(Math.abs(loss / (parity.trajectory.loss[step] ?? 0) - 1)).toBeLessThan(1e-3));
    } finally {
      narrow.dispose();
    }
  });
});
