import type { StepRecord } from '../api/steps';
import type { HostState } from './trainerState';

/** What a training has come to. */
export interface TrainingOutcome {
  steps: number;
  /** The evaluated step whose parameters are kept; 0 when none was better than the start. */
  bestStep: number;
  parameters: Float32Array;
  stopped: boolean;
  elapsedSeconds: number;
  tokensPerSecond: number;
  records: StepRecord[];
  /** Steps that changed nothing, because a gradient overflowed float16. */
  skippedSteps: number;
  /** As `TrainerState` has it. */
  rateHalvedAfter: number | null;
}

/** Of a training that ended where this state was taken. */
export function outcomeOf(state: HostState): TrainingOutcome {
  const { step, best, stopped, elapsedMs, tokensDone, trainingMs, records, skippedSteps, rateHalvedAfter } = state;
  return {
    steps: step,
    bestStep: best.step,
    parameters: best.parameters,
    stopped,
    elapsedSeconds: elapsedMs / 1000,
    tokensPerSecond: tokenRate(tokensDone, trainingMs),
    records: [...records],
    skippedSteps,
    rateHalvedAfter,
  };
}

/** Tokens a second of training; 0 before its first millisecond. */
export function tokenRate(tokensDone: number, trainingMs: number): number {
  return trainingMs > 0 ? (tokensDone * 1000) / trainingMs : 0;
}
