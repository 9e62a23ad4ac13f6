import { afterAll, beforeAll, describe, it } from 'vitest';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { loadParityCase, ParityRun, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectHalfLosses, expectTrajectory } from '../testing/parityChecks';
import { device } from '../testing/sharedDevice';

describe('modules trained as a whole, on WGSL', () => {
  let executor: WgslExecutor;
  let parity: ParityCase;
  let run: ParityRun;
  beforeAll(async () => {
    executor = await createWgslExecutor({ ops, device });
    parity = await loadParityCase('gpt2-tiny-cls-saved', caseReader('gpt2-tiny-cls-saved'));
    run = await ParityRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('give PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
  it('add up the gradients of micro-batches', () => expectAccumulation(parity, run));
  it('follow PyTorch’s twelve steps', () => expectTrajectory(parity, run, 12));

  it('follow the losses of llama-tiny-cls-saved with weights and activations in float16', async () => {
    run.dispose();
    executor.releaseWeights();
    parity = await loadParityCase('llama-tiny-cls-saved', caseReader('llama-tiny-cls-saved'));
    run = await ParityRun.create(parity, executor, 'float16', { fp16: true });
    await expectHalfLosses(parity, run, 12);
  });
});
