import { expect } from 'vitest';
import { relativeDifference, type ParityCase, type ParityRun } from './parityCase';

const gradientTolerance = 1e-4;
const trajectoryTolerance = 1e-3;

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

/** The fixture's steps, thirty of most: a value baked in at record time shows here and nowhere else. */
export async function expectTrajectory(parity: ParityCase, run: ParityRun, steps = 30): Promise<void> {
  run.reset();
  const { losses, norms, parameters } = await run.trajectory();
  expect(losses.length).toBe(steps);
  losses.forEach((loss, step) =>
    expect(Math.abs(loss / (parity.trajectory.loss[step] ?? 0) - 1), `loss of step ${step}`).toBeLessThan(trajectoryTolerance),
  );
  norms.forEach((norm, step) =>
    expect(Math.abs(norm / (parity.trajectory.grad_norm[step] ?? 0) - 1), `norm of step ${step}`).toBeLessThan(
      trajectoryTolerance,
    ),
  );
  for (const [name, tensor] of parity.finalAdapter) {
    expect(relativeDifference(parameters.get(name) ?? [], tensor.values), name).toBeLessThan(trajectoryTolerance);
  }
}
