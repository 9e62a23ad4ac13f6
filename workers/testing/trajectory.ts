import type { Executor } from '../engine/executor';
import type { ParameterLayout } from '../engine/parameters';

/** A fixture's training run as an executor makes it. */
export interface Trajectory {
  losses: number[];
  norms: number[];
  /** After five steps: parameters and both moments, by the fixture's names. */
  snapshot: ReadonlyMap<string, Float32Array>;
  /** At the end. */
  parameters: Map<string, Float32Array>;
}

export const snapshotStep = 5;

/** `at` counts from zero. */
export function isSnapshotStep(at: number): boolean {
  return at + 1 === snapshotStep;
}

export async function snapshotOf(executor: Executor, layout: ParameterLayout): Promise<Map<string, Float32Array>> {
  const states = { param: 'parameters', exp_avg: 'firstMoment', exp_avg_sq: 'secondMoment' } as const;
  const snapshot = new Map<string, Float32Array>();
  for (const [prefix, state] of Object.entries(states)) {
    for (const [name, values] of layout.unpack(await executor.readState(state))) snapshot.set(`${prefix}.${name}`, values);
  }
  return snapshot;
}
