import type { Executor, Program, Readings } from '../engine/executor';
import { initialLossScale, lossScaleStart } from '../engine/lossScale';
import { nextTask } from '../engine/nextTask';
import { idleStep } from '../engine/step';
import { stepBatches, type BatchSource } from './examples';

export interface TrialParts {
  executor: Executor;
  program: Program;
  examples: BatchSource;
  batchSize: number;
  accumulated: number;
  stepsPerEpoch: number;
  seed: number;
  fp16: boolean;
}

const enoughMs = 700;
const fewestSteps = 3;
const mostSteps = 60;
/** A step that takes so long is measured alone, the first one too. */
const longStepMs = 2000;

/**
 * Takes some of a run's steps and measures them: its graph, its batches, a learning rate of zero. What the weights are does not
 * matter to the time. Null where `signal` ended it before a step was measured.
 */
export async function tryPace(parts: TrialParts, signal: AbortSignal): Promise<number | null> {
  const { executor, examples, batchSize, accumulated, stepsPerEpoch, seed, fp16 } = parts;
  if (fp16) executor.writeState('lossScale', lossScaleStart(initialLossScale));
  // The first epoch again and again: a run shorter than one has made room for no other.
  const firstEpoch = (): ReturnType<typeof stepBatches> => stepBatches(examples.count, batchSize, accumulated, seed, 0);
  let batches = firstEpoch();
  // As in training, a graphics device works ahead.
  const depth = executor.kind === 'webgpu' ? 2 : 0;
  const pending: Promise<Readings>[] = [];
  let measuredMs = 0;
  let measuredTokens = 0;
  for (let step = 0; step < mostSteps && !signal.aborted; step++) {
    if (step > 0 && step % stepsPerEpoch === 0) batches = firstEpoch();
    const micro = batches.next().value ?? [];
    const startMs = performance.now();
    takeStep(parts, micro, pending);
    while (pending.length > (step === 0 ? 0 : depth)) await pending.shift();
    await nextTask();
    const tookMs = performance.now() - startMs;
    // The first compiles, packs weights and wakes threads up.
    if (step === 0 && tookMs < longStepMs) continue;
    measuredMs += tookMs;
    for (const indices of micro) measuredTokens += examples.tokens(indices);
    if (measuredMs >= longStepMs || (measuredMs >= enoughMs && step >= fewestSteps)) break;
  }
  const lastMs = performance.now();
  await Promise.all(pending);
  measuredMs += performance.now() - lastMs;
  return measuredMs > 0 && measuredTokens > 0 ? (measuredTokens * 1000) / measuredMs : null;
}

function takeStep({ program, examples }: TrialParts, micro: readonly ArrayLike<number>[], pending: Promise<Readings>[]): void {
  const share = micro.reduce((sum, indices) => sum + examples.lossShare(indices), 0);
  const values = { ...idleStep, lossWeight: 1 / share, maxGradNorm: 1 };
  for (const [at, indices] of micro.entries()) {
    pending.push(program.run(examples.pack(indices), { ...values, accumulate: at > 0 }, at === micro.length - 1));
  }
}
