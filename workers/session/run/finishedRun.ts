import type { TrainingOutcome } from '../../training/trainingOutcome';
import type { RunEngine } from '../tasks/runEngine';
import type { LoggedEvaluation, LoggedLoss } from './judgeLog';
import type { RunInputs } from '../plan/runInputs';
import type { JudgedClasses, JudgedText } from './runJudge';

/** Both models ready for questions. */
export interface WorkingModels {
  inputs: RunInputs;
  engine: RunEngine;
  /** Parameters of the base model: no adapter, an untrained head. */
  baseParameters: Float32Array;
  tunedParameters: Float32Array;
}

/** What a tuned model is made of. */
export type Tuned = Pick<WorkingModels, 'inputs' | 'tunedParameters'>;

/** A run from its weights to its final judgement. */
export interface FinishedRun extends WorkingModels {
  /** Null for an imported adapter that was only evaluated. */
  training: TrainingOutcome | null;
  evaluations: readonly LoggedEvaluation[];
  losses: readonly LoggedLoss[];
  judged: JudgedClasses | JudgedText;
}
