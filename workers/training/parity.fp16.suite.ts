import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StateName } from '../engine/graph';
import { initialLossScale, lossScaleGrowthInterval } from '../engine/lossScale';
import type { TraitOptions } from '../engine/wgsl/device';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { everyKernel } from '../testing/kernelSample';
import { loadParityCase, ParityRun, type ParityCase } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { device, traits } from '../testing/sharedDevice';

/**
 * Of a loss, against PyTorch's in float32. A stored activation errs by 2^-11 of itself at most, 2^-11 / sqrt(3) in the mean, and so
 * does a stored weight. Towards the logits lie at most nine of both a block (two norms, qkv, attention, two projections, the
 * pair of the gelu, the sum) in three blocks: errors that know nothing of each other add up to sqrt(2 * 27) * 2^-11 / sqrt(3) =
 * 2.1e-3 of the logits, which are of size 1 to 2, and a loss moves by up to twice the largest of their errors: 4e-3 to 8e-3. Steps
 * add little to that: Adam's are of one size whatever the gradient's, and gradients err by thousandths. Seen on software adapters:
 * 1.5e-3 and 3.9e-3 of the two models, and where eight products at a time are added up in float16, 2.9e-3 and 4.4e-3.
 */
const lossTolerance = 1e-2;

/** With adapters on every layer, so that its kernels are nearly all that there are. */
const widest = 'gpt2-tiny-cls-all';

const halfSums = 'tile64 f16 sums';
const arithmetic: TraitOptions = {
  matmul: 'tiled',
  chosen: { 'linear.large': halfSums, 'linear.small': halfSums, 'linear.skinny': halfSums },
};
const ways: [string, TraitOptions][] = [
  ['float16 in memory', {}],
  ...(traits.shaderF16 ? [['products in float16', arithmetic] satisfies [string, TraitOptions]] : []),
];

describe.each(ways)('fp16, %s', (_, options) => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    executor = await createWgslExecutor({ ops, device, ...options });
  });
  afterAll(() => executor.dispose());

  it.each(traits.software && !everyKernel ? [widest] : ['gpt2-tiny-cls', widest])(
    '%s: PyTorch’s thirty losses, and its classes at the end',
    async (name) => {
      const parity = await loadParityCase(name, caseReader(name));
      const run = await ParityRun.create(parity, executor, 'float16', { fp16: true });
      const { losses } = await run.trajectory();
      const deviations = losses.map((loss, step) => Math.abs(loss - (parity.trajectory.loss[step] ?? Number.NaN)));
      console.log(`${name}: losses deviate by up to ${Math.max(...deviations).toExponential(1)}`);
      deviations.forEach((deviation, step) => expect(deviation, `loss of step ${step}`).toBeLessThan(lossTolerance));
      // No step was skipped.
      expect([...(await executor.readState('lossScale'))].slice(0, 2)).toEqual([initialLossScale, 30]);

      const classes = await run.predictions();
      run.dispose();
      executor.releaseWeights();
      const oracle = await ParityRun.create(parity, createReferenceExecutor(), 'float32');
      oracle.load(parity.finalAdapter);
      expect(classes).toEqual(await oracle.predictions());
    },
  );
});

describe('the loss scale', () => {
  let parity: ParityCase;
  let executor: WgslExecutor;
  let run: ParityRun;
  beforeAll(async () => {
    parity = await loadParityCase(widest, caseReader(widest));
    executor = await createWgslExecutor({ ops, device });
    run = await ParityRun.create(parity, executor, 'float16', { fp16: true });
  });
  afterAll(() => executor.dispose());

  const kept: readonly StateName[] = ['parameters', 'firstMoment', 'secondMoment'];
  async function bits(): Promise<Uint32Array[]> {
    const states: Uint32Array[] = [];
    for (const name of kept) states.push(new Uint32Array((await executor.readState(name)).slice().buffer));
    return states;
  }

  function begin(lossScale: number): void {
    run.reset(lossScale);
    for (const name of ['firstMoment', 'secondMoment'] as const)
      executor.writeState(name, new Float32Array(run.graphs.layout.size).fill(name === 'firstMoment' ? 0.01 : 0.001));
  }

  async function scaleAndSteps(): Promise<number[]> {
    return [...(await executor.readState('lossScale'))].slice(0, 2);
  }

  it('halves on overflow, and the step changes no bit of parameters and moments', async () => {
    begin(2 ** 100);
    const before = await bits();
    const readings = await run.step(5);
    expect(readings.get('gradNorm')?.[0]).not.toSatisfy(Number.isFinite);
    expect(readings.get('loss')?.[0]).toSatisfy(Number.isFinite);
    expect(await scaleAndSteps()).toEqual([2 ** 99, 0]);
    expect(await bits()).toEqual(before);
  });

  it('halves until a step fits, which is then the step of that scale, bit by bit', async () => {
    begin(2 ** 30);
    const before = await bits();
    let skipped = 0;
    while (!Number.isFinite((await run.step(5)).get('gradNorm')?.[0])) {
      skipped += 1;
      expect(await bits()).toEqual(before);
      expect(skipped).toBeLessThan(30);
    }
    const [scale = 0] = await scaleAndSteps();
    expect(skipped).toBeGreaterThan(2);
    expect(scale).toBe(2 ** (30 - skipped));
    const after = await bits();
    expect(after).not.toEqual(before);
    begin(scale);
    await run.step(5);
    expect(await bits()).toEqual(after);
  });

  it('finds a number that is none, in one parameter', async () => {
    begin(1024);
    const parameters = (await executor.readState('parameters')).slice();
    parameters[7] = Number.NaN;
    executor.writeState('parameters', parameters);
    const before = await bits();
    await run.step(5);
    expect(await scaleAndSteps()).toEqual([512, 0]);
    expect(await bits()).toEqual(before);
  });

  it('doubles after as many steps in a row as the interval says', async () => {
    begin(1024);
    executor.writeState('lossScale', Float32Array.of(1024, lossScaleGrowthInterval - 2, 0.9, 0.2));
    await run.step(5);
    expect(await scaleAndSteps()).toEqual([1024, lossScaleGrowthInterval - 1]);
    await run.step(6);
    expect(await scaleAndSteps()).toEqual([2048, 0]);
  });
});
