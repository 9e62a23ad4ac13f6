import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightStorage } from '../../../workers/engine/graph';
import { createWgslExecutor } from '../../../workers/engine/wgsl/executor';
import type { DeviceTraits } from '../../../workers/engine/wgsl/kernel';
import { ops } from '../../../workers/ops/index';
import { loadParityCase, ParityRun, relativeDifference, type ParityCase } from '../../../workers/testing/parityCase';
import { createReferenceExecutor } from '../../../workers/testing/referenceProgram';
import { roundedModel } from '../../../workers/testing/roundedModel';

/** How far one quantity of a model is from PyTorch's. */
export interface ParityResult {
  model: string;
  path: string;
  quantity: string;
  deviation: number;
  tolerance: number;
}

/** As in workers/testing/parityChecks.ts. */
const gradientTolerance = 1e-4;
const trajectoryTolerance = 1e-3;

/** With activations in float16, over thirty steps. */
const halfTolerance = 2e-2;

const models = ['gpt2-tiny-cls', 'gpt2-tiny-cls-all'];

/** Logits, losses, gradients and thirty steps of PyTorch's fixtures on this device. */
export async function runParity(fixtures: string, quick: boolean): Promise<ParityResult[]> {
  const results: ParityResult[] = [];
  const ways: (DeviceTraits['matmul'] | null)[] = quick ? [null] : [null, 'direct', 'tiled'];
  for (const model of quick ? models.slice(0, 1) : models) {
    const parity = await loadParityCase(model, async (file) => new Uint8Array(await readFile(join(fixtures, model, file))));
    for (const matmul of ways) {
      const path = matmul ?? 'as the device takes them';
      for (const [quantity, deviation, tolerance] of await againstPyTorch(parity, matmul)) {
        results.push({ model, path: `${path}, float32`, quantity, deviation, tolerance });
      }
      const half = await halfTrajectory(parity, matmul);
      results.push({ model, path: `${path}, fp16`, quantity: 'loss of 30 steps', deviation: half, tolerance: halfTolerance });
      const deviation = await againstRounded(parity, matmul);
      results.push({ model, path: `${path}, float16 weights`, quantity: 'logits', deviation, tolerance: gradientTolerance });
    }
    console.log(`${model}: ${results.filter((result) => result.model === model).length} quantities`);
  }
  return results;
}

type Finding = readonly [quantity: string, deviation: number, tolerance: number];

async function againstPyTorch(parity: ParityCase, matmul: DeviceTraits['matmul'] | null): Promise<Finding[]> {
  const { run, dispose } = await runOn(parity, matmul, 'float32');
  const findings: Finding[] = [];
  const near = (quantity: string, actual: ArrayLike<number> | undefined, expected: string): void => {
    const reference = parity.expected.get(expected)?.values ?? [];
    findings.push([quantity, relativeDifference(actual ?? [], reference), gradientTolerance]);
  };
  const { readings, gradients } = await run.gradients();
  near('logits', readings.get('logits'), 'logits');
  near('loss', readings.get('loss'), 'loss');
  near('gradient norm', readings.get('gradNorm'), 'grad_norm');
  for (const [name, gradient] of gradients) near(`gradient ${name}`, gradient, `grad.${name}`);
  run.reset();
  for (const [name, gradient] of await run.accumulatedGradients(4)) near(`accumulated ${name}`, gradient, `grad.${name}`);
  run.reset();
  const pooled = relativeDifference(await run.poolingLogits(), parity.pooling?.logits.flat() ?? []);
  findings.push(['pooled logits', pooled, gradientTolerance]);
  run.reset();
  findings.push(...trajectoryOf(parity, await run.trajectory()));
  dispose();
  return findings;
}

function trajectoryOf(
  parity: ParityCase,
  { losses, norms, parameters }: Awaited<ReturnType<ParityRun['trajectory']>>,
): Finding[] {
  const adapters = [...parity.finalAdapter].map(([name, { values }]): Finding => [
    `after 30 steps ${name}`,
    relativeDifference(parameters.get(name) ?? [], values),
    trajectoryTolerance,
  ]);
  return [
    ['loss of 30 steps', worstRatio(losses, parity.trajectory.loss), trajectoryTolerance],
    ['gradient norm of 30 steps', worstRatio(norms, parity.trajectory.grad_norm), trajectoryTolerance],
    ...adapters,
  ];
}

/** With fp16: the largest relative deviation of the thirty losses. */
async function halfTrajectory(parity: ParityCase, matmul: DeviceTraits['matmul'] | null): Promise<number> {
  const { run, dispose } = await runOn(parity, matmul, 'float16', true);
  const { losses } = await run.trajectory();
  dispose();
  return worstRatio(losses, parity.trajectory.loss);
}

/** With float16 weights: against the double-precision logits of the rounded weights. */
async function againstRounded(parity: ParityCase, matmul: DeviceTraits['matmul'] | null): Promise<number> {
  const half = await runOn(parity, matmul, 'float16');
  const actual = (await half.run.gradients()).readings.get('logits');
  half.dispose();
  const oracle = await ParityRun.create(roundedModel(parity, 'float16'), createReferenceExecutor(), 'float32');
  const expected = (await oracle.gradients()).readings.get('logits');
  return relativeDifference(actual ?? [], expected ?? [Number.NaN]);
}

function worstRatio(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...expected.map((value, at) => Math.abs((actual[at] ?? Number.NaN) / value - 1)));
}

async function runOn(parity: ParityCase, matmul: DeviceTraits['matmul'] | null, storage: WeightStorage, fp16 = false) {
  const executor = await createWgslExecutor({ ops, ...(matmul ? { matmul } : {}) });
  return { run: await ParityRun.create(parity, executor, storage, { fp16 }), dispose: () => executor.dispose() };
}
