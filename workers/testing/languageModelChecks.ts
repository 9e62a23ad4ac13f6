import { expect } from 'vitest';
import type { LanguageModelCase, LanguageModelRun } from './languageModelCase';
import { relativeDifference } from './parityCase';
import { expectSame } from './trajectoryChecks';

const gradientTolerance = 1e-4;

/** Logits of all tokens, loss, clip norm and every gradient of one batch. */
export async function expectTokenGradients(parity: LanguageModelCase, run: LanguageModelRun): Promise<void> {
  run.reset();
  const near = (name: string, actual: ArrayLike<number> | undefined, expected: string): void => {
    const reference = parity.expected.get(expected)?.values ?? [];
    expect(relativeDifference(actual ?? [], reference), name).toBeLessThan(gradientTolerance);
  };
  near('logits', await run.logits(), 'logits');
  const { readings, gradients } = await run.gradients();
  near('loss', readings.get('loss'), 'loss');
  near('gradient norm', readings.get('gradNorm'), 'grad_norm');
  expect([...gradients.keys()].sort()).toEqual([...parity.adapter.keys()].sort());
  for (const [name, gradient] of gradients) near(name, gradient, `grad.${name}`);
}

/** Two micro-batches give the gradients of the whole batch: labelled tokens are weighted alike, as in Trainer. */
export async function expectTokenAccumulation(parity: LanguageModelCase, run: LanguageModelRun): Promise<void> {
  run.reset();
  for (const [name, gradient] of await run.accumulatedGradients(4)) {
    const reference = parity.expected.get(`grad.${name}`)?.values ?? [];
    expect(relativeDifference(gradient, reference), name).toBeLessThan(gradientTolerance);
  }
}

/** Every step of the fixture, its states on the way and its logits at the end. */
export async function expectTokenTrajectory(parity: LanguageModelCase, run: LanguageModelRun): Promise<void> {
  run.reset();
  const { trajectory, snapshots, finalAdapter } = parity;
  const expected = { losses: trajectory.loss, norms: trajectory.grad_norm, snapshots, adapter: finalAdapter };
  expectSame(await run.trajectory(), await run.logits(), expected);
}

/** The fixture's greedy tokens; its margins are 0.05 of a logit at least. */
export async function expectGreedyTokens(parity: LanguageModelCase, run: LanguageModelRun): Promise<void> {
  run.reset();
  expect(await run.greedyTokens()).toEqual(parity.generation.generations.map((generation) => generation.new_tokens));
}

/** What the model sees of a shared beginning is what it sees of the whole text. */
export async function expectBranchScores(_: LanguageModelCase, run: LanguageModelRun): Promise<void> {
  run.reset();
  const { shared, alone } = await run.branchScores();
  expect(relativeDifference(shared, alone)).toBeLessThan(1e-5);
}
