import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { loadParityCase, ParityRun } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectTrajectory } from '../testing/parityChecks';

describe('modules trained as a whole, on WGSL', () => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    executor = await createWgslExecutor({ ops });
  });
  afterAll(() => executor.dispose());

  it('give PyTorch’s gradients and follow its twelve steps: gpt2-tiny-cls-saved', async () => {
    const parity = await loadParityCase('gpt2-tiny-cls-saved', caseReader('gpt2-tiny-cls-saved'));
    const run = await ParityRun.create(parity, executor, 'float32');
    await expectGradients(parity, run);
    await expectAccumulation(parity, run);
    await expectTrajectory(parity, run, 12);
    run.dispose();
    executor.releaseWeights();
  });

  it('follow its losses with weights and activations in float16: llama-tiny-cls-saved', async () => {
    const parity = await loadParityCase('llama-tiny-cls-saved', caseReader('llama-tiny-cls-saved'));
    const run = await ParityRun.create(parity, executor, 'float16', { fp16: true });
    const { losses } = await run.trajectory();
    // As in parity.fp16.browser.test.ts.
    losses.forEach((loss, step) =>
      expect(Math.abs(loss - (parity.trajectory.loss[step] ?? 0)), `step ${step}`).toBeLessThan(1e-2),
    );
    expect(losses).toHaveLength(12);
  });
});
