import type { Executor, Program } from '../../engine/executor';
import type { Counts } from '../../engine/shape';
import type { Generator } from '../../evaluation/generation';
import type { ClassifierGraphs } from '../../training/graphs';
import type { GenerationPlan } from './generationPlan';

/** `evaluate` gives what the task judges by. */
export interface TaskGraphs extends ClassifierGraphs {
  /** Absent where the task writes nothing. */
  generation?: GenerationPlan;
}

/** Programs of one run, and what they were made for. */
export interface RunEngine {
  executor: Executor;
  graphs: TaskGraphs;
  train: Program;
  evaluate: Program;
  evaluationCapacity: Counts;
  /** The base model's values of what the run trains as a whole, by the adapter's names. */
  copies: ReadonlyMap<string, Float32Array>;
  /** Null where the run's task writes nothing. */
  generator: Generator | null;
}
