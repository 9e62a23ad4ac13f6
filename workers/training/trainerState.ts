import type { StepRecord } from '../api/steps';
import type { Executor } from '../engine/executor';
import { lossScaleStart } from '../engine/lossScale';
import { adam } from './graphs';

/** The evaluated step whose parameters are kept. */
export interface BestStep {
  /** -Infinity before the first evaluation. */
  merit: number;
  step: number;
  parameters: Float32Array;
}

/**
 * Everything that a run needs to go on exactly, between two steps. The order of data and dropout are functions of seed, step and epoch,
 * so they are no part of it; nor are gradients, which every step begins anew.
 */
export interface TrainerState {
  /** The last step whose readings came back; 0 before the first. */
  step: number;
  parameters: Float32Array;
  firstMoment: Float32Array;
  secondMoment: Float32Array;
  /** As `engine/lossScale.ts` has it; null for a program in float32. */
  lossScale: Float32Array | null;
  skippedSteps: number;
  skippedInARow: number;
  best: BestStep;
  /** Less than `step` where an evaluation of that step is still to come. */
  lastEvaluated: number;
  tokensDone: number;
  /** Without pauses. */
  elapsedMs: number;
  /** Of these in training alone. */
  trainingMs: number;
  /** The run was told to end after `step`. */
  stopped: boolean;
  records: readonly StepRecord[];
  /** The step after which every learning rate of the schedule is halved, because the numbers went wrong; null where none is. */
  rateHalvedAfter: number | null;
}

/** The part of a state that lies on the device. */
export type DeviceState = Pick<TrainerState, 'parameters' | 'firstMoment' | 'secondMoment' | 'lossScale'>;

/** The rest of it. */
export type HostState = Omit<TrainerState, keyof DeviceState>;

/** Reads back what lies on the device; every step before must have been read back. */
export async function readDeviceState(executor: Executor, hasLossScale: boolean): Promise<DeviceState> {
  const [parameters, firstMoment, secondMoment, lossScale] = await Promise.all([
    executor.readState('parameters'),
    executor.readState('firstMoment'),
    executor.readState('secondMoment'),
    hasLossScale ? executor.readState('lossScale') : null,
  ]);
  return { parameters, firstMoment, secondMoment, lossScale };
}

/**
 * Puts a state onto the device. `lossScale`: what a program in half precision begins with, null for one in float32; a state that was
 * taken in the other precision goes on all the same, though not bit for bit.
 */
export function writeDeviceState(executor: Executor, state: TrainerState, lossScale: number | null): void {
  executor.writeState('parameters', state.parameters);
  executor.writeState('firstMoment', state.firstMoment);
  executor.writeState('secondMoment', state.secondMoment);
  if (lossScale !== null) executor.writeState('lossScale', state.lossScale ?? scaledFrom(lossScale, state.step));
}

function scaledFrom(lossScale: number, step: number): Float32Array {
  const start = lossScaleStart(lossScale);
  start.set([1 - adam.beta1 ** step, 1 - adam.beta2 ** step], 2);
  return start;
}
