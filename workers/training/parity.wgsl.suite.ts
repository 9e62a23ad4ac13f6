import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { loadParityCase, ParityRun, relativeDifference, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectPooling, expectTrajectory } from '../testing/parityChecks';
import { roundedModel } from '../testing/roundedModel';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { device } from '../testing/sharedDevice';

describe.each(['gpt2-tiny-cls', 'gpt2-tiny-cls-all', 'llama-tiny-cls'] as const)('%s on WGSL', (name) => {
  let executor: WgslExecutor;
  let parity: ParityCase;
  let run: ParityRun;

  beforeAll(async () => {
    executor = await createWgslExecutor({ ops, device });
    parity = await loadParityCase(name, caseReader(name));
    run = await ParityRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectAccumulation(parity, run));
  it('pools the token that transformers pools', () => expectPooling(parity, run));
  it('follows PyTorch’s thirty steps', () => expectTrajectory(parity, run));

  // Four bits with one fixture, eight with another: each run compiles kernels of its own.
  const storages = {
    'gpt2-tiny-cls': ['float16', 'int4'],
    'gpt2-tiny-cls-all': ['float16', 'int8'],
    'llama-tiny-cls': [],
  } as const;

  it.each(storages[name])('with %s weights gives the double-precision results of the rounded weights', async (storage) => {
    run.dispose();
    executor.releaseWeights();
    run = await ParityRun.create(parity, executor, storage);
    const oracle = createReferenceExecutor();
    const actual = await run.gradients();
    const expected = await (await ParityRun.create(roundedModel(parity, storage), oracle, 'float32')).gradients();
    expect(relativeDifference(actual.readings.get('logits') ?? [], expected.readings.get('logits') ?? [])).toBeLessThan(1e-4);
    for (const [tensor, gradient] of expected.gradients) {
      expect(relativeDifference(actual.gradients.get(tensor) ?? [], gradient), tensor).toBeLessThan(1e-4);
    }
    // Rounding the weights moves the logits by more than the bound: the two are not the same by accident.
    expect(
      relativeDifference(expected.readings.get('logits') ?? [], parity.expected.get('logits')?.values ?? []),
    ).toBeGreaterThan(1e-4);
  });
});
