import { expect } from 'vitest';
import { relativeDifference, type ParityCase, type ParityRun } from './parityCase';
import { expectSame } from './trajectoryChecks';

const gradientTolerance = 1e-4;

/** Logits, loss, clip norm and every gradient of one batch. */
export async function expectGradients(parity: ParityCase, run: ParityRun): Promise<void> {
  run.reset();
  const { readings, gradients } = await run.gradients();
  const near = (name: string, actual: ArrayLike<number> | undefined, expected: string): void => {
    const reference = parity.expected.get(expected)?.values ?? [];
    expect(relativeDifference(actual ?? [], reference), name).toBeLessThan(gradientTolerance);
  };
  near('logits', readings.get('logits'), 'logits');
  near('loss', readings.get('loss'), 'loss');
  near('gradient norm', readings.get('gradNorm'), 'grad_norm');
  expect([...gradients.keys()].sort()).toEqual([...parity.adapter.keys()].sort());
  for (const [name, gradient] of gradients) near(name, gradient, `grad.${name}`);
}

/** Two micro-batches give the gradients of the whole batch: texts are weighted alike, unlike in Trainer. */
export async function expectAccumulation(parity: ParityCase, run: ParityRun): Promise<void> {
  run.reset();
  for (const [name, gradient] of await run.accumulatedGradients(4)) {
    const reference = parity.expected.get(`grad.${name}`)?.values ?? [];
    expect(relativeDifference(gradient, reference), name).toBeLessThan(gradientTolerance);
  }
}

export async function expectPooling(parity: ParityCase, run: ParityRun): Promise<void> {
  run.reset();
  expect(relativeDifference(await run.poolingLogits(), parity.pooling?.logits.flat() ?? [])).toBeLessThan(gradientTolerance);
}

/** The fixture's steps, thirty of most, its states on the way and its logits at the end. */
export async function expectTrajectory(parity: ParityCase, run: ParityRun, steps = 30): Promise<void> {
  run.reset();
  const { trajectory, snapshots, finalAdapter } = parity;
  const actual = await run.trajectory();
  expect(actual.losses.length).toBe(steps);
  expectSame(actual, await run.logits(), {
    losses: trajectory.loss,
    norms: trajectory.grad_norm,
    snapshots,
    adapter: finalAdapter,
  });
}

/** The fixture's losses with activations in float16; the bound is that of parity.fp16.suite.ts. */
export async function expectHalfLosses(parity: ParityCase, run: ParityRun, steps: number): Promise<void> {
  const { losses } = await run.trajectory();
  losses.forEach((loss, step) => expect(Math.abs(loss - (parity.trajectory.loss[step] ?? 0)), `step ${step}`).toBeLessThan(1e-2));
  expect(losses).toHaveLength(steps);
}
