import type { RunPhase } from '../api/events';
import { defaultSettings } from '../api/model';
import type { TrainingSettings } from '../api/settings';
import type { Executor, Program } from '../engine/executor';
import { classifiedSource } from '../training/examples';
import { planSteps } from '../training/schedule';
import type { CheckpointReason } from '../training/stateHandover';
import { Trainer } from '../training/trainer';
import type { TrainerState } from '../training/trainerState';
import type { TrainingOutcome } from '../training/trainingOutcome';
import { ParityRun, type ParityCase } from './parityCase';

/** What a trainer told of one run. */
export interface HeardRun {
  phases: RunPhase[];
  evaluated: number[];
  /** Steps whose records were told, in that order. */
  told: number[];
  /** `told`: how many steps had been by then. */
  kept: { state: TrainerState; reason: CheckpointReason; told: number }[];
  outcome: TrainingOutcome;
}

export interface CutRunOptions {
  changes: Partial<TrainingSettings>;
  from?: TrainerState;
  act?: (trainer: Trainer, step: number) => void;
  /** What an evaluation finds, the `count`-th of this run; left out, what is neither always better nor always worse. */
  merit?: (step: number, count: number) => number;
  /** In place of `make`'s. */
  lossScale?: number;
}

/** Runs of a case's training texts, each from the start or from a state that another has left. */
export class CutRuns {
  private readonly parity: ParityCase;
  private readonly executor: Executor;
  private readonly program: Program;
  /** The parameters that every run begins with, but one `from` a state. */
  readonly start: Float32Array;
  private readonly lossScale: number | null;

  private constructor(parity: ParityCase, executor: Executor, program: Program, start: Float32Array, lossScale: number | null) {
    this.parity = parity;
    this.executor = executor;
    this.program = program;
    this.start = start;
    this.lossScale = lossScale;
  }

  /** `lossScale`: of a run in half precision; null for one in float32. */
  static async make(parity: ParityCase, executor: Executor, lossScale: number | null): Promise<CutRuns> {
    const { graphs } = await ParityRun.create(parity, executor, 'float32', { fp16: lossScale !== null });
    const program = await executor.prepare(graphs.train, { tokens: 256, sequences: 8 });
    return new CutRuns(parity, executor, program, await executor.readState('parameters'), lossScale);
  }

  async train({ changes, from, act, merit = (step) => (step * 7) % 5, lossScale }: CutRunOptions): Promise<HeardRun> {
    const { executor, program, start, parity } = this;
    executor.writeState('parameters', start);
    for (const name of ['firstMoment', 'secondMoment'] as const) executor.writeState(name, new Float32Array(start.length));
    const settings = {
      ...defaultSettings(null, null).settings,
      perDeviceTrainBatchSize: 4,
      numTrainEpochs: 1,
      warmupSteps: 0,
      evalSteps: 2,
      learningRate: 0.01,
      ...changes,
    };
    const { sequences, labels } = parity.trajectory;
    const examples = { ids: sequences.map((ids) => Int32Array.from(ids)), labels: Int32Array.from(labels) };
    const heard: Omit<HeardRun, 'outcome'> = { phases: [], evaluated: [], told: [], kept: [] };
    const trainer: Trainer = new Trainer({
      executor,
      program,
      examples: classifiedSource(examples, parity.meta.pad_token_id),
      settings,
      plan: planSteps(settings, sequences.length),
      lossScale: lossScale ?? this.lossScale,
      from: from ?? null,
      listener: {
        phase: (phase) => heard.phases.push(phase),
        steps: (records, { step }) => {
          heard.told.push(...records.map((record) => record.step));
          act?.(trainer, step);
        },
        evaluate: async (step) => {
          heard.evaluated.push(step);
          return merit(step, heard.evaluated.length);
        },
        checkpoint: async (state, reason) => void heard.kept.push({ state, reason, told: heard.told.length }),
      },
    });
    return { ...heard, outcome: await trainer.run() };
  }
}

/** An outcome without what a clock measures. */
export function lasting({ elapsedSeconds, tokensPerSecond, ...rest }: TrainingOutcome) {
  return rest;
}
