/** What the charts of a run draw; `RunState` of `src/state` carries these fields under the same names. */
export interface StepPoint {
  step: number;
  loss: number;
  smoothed: number;
  learningRate: number;
  gradNorm: number;
}

export interface ScorePoint {
  /** 0 for the base model. */
  step: number;
  loss: number;
  /** Fractions. */
  accuracy: number;
  macroF1: number;
  /** True for the evaluation whose weights are kept. */
  best: boolean;
}

export interface RunSeries {
  totalSteps: number;
  stepsPerEpoch: number;
  validationCount: number;
  points: readonly StepPoint[];
  latest: StepPoint | null;
  base: ScorePoint | null;
  evaluations: readonly ScorePoint[];
  /** The schedule, some steps of it or all, in order. */
  learningRates: readonly { step: number; learningRate: number }[];
  peakLearningRate: number;
  /** 0: gradients are not clipped. */
  maxGradNorm: number;
  clippedSteps: number;
  stepsSeen: number;
  /** In half precision. */
  lossScale: { scale: number; skippedSteps: number } | null;
  marks: readonly SeriesMark[];
}

/** Something that happened at a step. */
export interface SeriesMark {
  step: number;
  kind: 'device-lost' | 'resumed' | 'went-back' | 'loss-spike';
  /** "device lost, step 594". */
  label: string;
}

/** The table behind a chart, for reading instead of looking. */
export interface ChartTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}
