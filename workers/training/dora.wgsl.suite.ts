import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { loadParityCase, ParityRun, relativeDifference, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectHalfLosses, expectTrajectory } from '../testing/parityChecks';
import { roundedModel } from '../testing/roundedModel';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { device } from '../testing/sharedDevice';
import { initialParameters } from './initialise';
import { withMagnitudes } from './magnitudes';

describe('dora-tiny on WGSL', () => {
  let executor: WgslExecutor;
  let parity: ParityCase;
  let run: ParityRun;
  beforeAll(async () => {
    executor = await createWgslExecutor({ ops, device });
    parity = await loadParityCase('dora-tiny', caseReader('dora-tiny'));
    run = await ParityRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectAccumulation(parity, run));
  it('follows PyTorch’s fifteen steps', () => expectTrajectory(parity, run, 15));

  it('follows their losses with activations in float16', async () => {
    run.dispose();
    executor.releaseWeights();
    run = await ParityRun.create(parity, executor, 'float16', { fp16: true });
    await expectHalfLosses(parity, run, 15);
  });

  it('with float16 weights has magnitudes and results of the rounded weights', async () => {
    run.dispose();
    executor.releaseWeights();
    run = await ParityRun.create(parity, executor, 'float16');
    const oracle = createReferenceExecutor();
    const rounded = await ParityRun.create(roundedModel(parity, 'float16'), oracle, 'float32');
    const [actual, expected] = [await run.gradients(), await rounded.gradients()];
    expect(relativeDifference(actual.readings.get('logits') ?? [], expected.readings.get('logits') ?? [])).toBeLessThan(1e-4);
    for (const [tensor, gradient] of expected.gradients) {
      expect(relativeDifference(actual.gradients.get(tensor) ?? [], gradient), tensor).toBeLessThan(1e-4);
    }
    const initial = initialParameters(run.graphs.layout, 3, 0.02);
    const own = await withMagnitudes(executor, run.graphs.evaluate, initial);
    expect(relativeDifference(own, await withMagnitudes(oracle, rounded.graphs.evaluate, initial))).toBeLessThan(1e-6);
  });
});
