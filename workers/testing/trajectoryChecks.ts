import { expect } from 'vitest';
import type { FloatTensor } from '../files/safetensorsData';
import { relativeDifference } from './parityCase';
import { snapshotStep, type Trajectory } from './trajectory';

/** A trajectory as PyTorch made it. */
export interface ExpectedTrajectory {
  losses: readonly number[];
  norms: readonly number[];
  snapshots: ReadonlyMap<string, FloatTensor>;
  adapter: ReadonlyMap<string, FloatTensor>;
}

const tolerance = 1e-3;

/** All steps, and the case's logits after them: a value baked in at record time shows here and nowhere else. */
export function expectSame(
  actual: Trajectory,
  logits: Float32Array,
  { losses, norms, snapshots, adapter }: ExpectedTrajectory,
): void {
  expectSeries(actual.losses, losses, 'loss');
  expectSeries(actual.norms, norms, 'norm');
  const near = (values: ArrayLike<number> | undefined, tensor: FloatTensor | undefined, name: string): void =>
    expect(relativeDifference(values ?? [], tensor?.values ?? []), name).toBeLessThan(tolerance);
  const recorded = [...snapshots.keys()].filter((name) => name !== 'final_logits');
  expect([...actual.snapshot.keys()].sort()).toEqual(recorded.sort());
  for (const name of recorded) near(actual.snapshot.get(name), snapshots.get(name), `${name} after ${snapshotStep} steps`);
  expect([...actual.parameters.keys()].sort()).toEqual([...adapter.keys()].sort());
  for (const [name, tensor] of adapter) near(actual.parameters.get(name), tensor, name);
  near(logits, snapshots.get('final_logits'), 'logits at the end');
}

function expectSeries(actual: readonly number[], expected: readonly number[], name: string): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, step) =>
    expect(Math.abs(value / (expected[step] ?? 0) - 1), `${name} of step ${step}`).toBeLessThan(tolerance),
  );
}
