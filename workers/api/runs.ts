import type { Preparation, SplitName } from './dataset';
import type { ErrorReport } from './errors';
import type { LearningRatePoint, StepRecord } from './steps';
import type { ModelSource } from './model';
import type { JudgedBy, RunResult, TextFigures } from './results';
import type { SettingName, SettledSettings, TaskName } from './settings';

/** How a model of a kept run scored; fractions. */
export interface KeptScores {
  accuracy: number;
  /** 95 %. */
  accuracyInterval: [number, number];
  macroF1: number;
}

/** What a run came to on the texts that judged it. */
export type KeptFigures =
  | {
      kind: 'classes';
      judgedBy: JudgedBy;
      split: SplitName;
      /** Texts judged. */
      count: number;
      classes: number;
      /** What always guessing the most frequent class would score. */
      majorityShare: number;
      base: KeptScores;
      tuned: KeptScores;
    }
  | { kind: 'text'; split: SplitName; tokens: number; base: TextFigures; tuned: TextFigures };

/** A point of a curve over a run: `loss` in nats. */
export interface KeptLoss {
  /** 0 before the first step. */
  step: number;
  loss: number;
}

/** Which model a run tuned. */
export interface KeptModelName {
  name: string;
  source: ModelSource['kind'];
  revision: string | null;
  /** The one of a hub's repository that holds all weights, or null. */
  file: string | null;
  /** Of dropped files, over their numbers; runs of the first version have none. */
  weightsHash?: string;
}

/** A run that the device keeps, in what its list shows. */
export interface KeptRun {
  id: string;
  /** From 1, in the order in which runs were kept here. */
  number: number;
  name: string;
  /** True where the user gave the name. */
  isRenamed: boolean;
  /** Milliseconds since 1970, UTC. */
  startedAt: number;
  task: TaskName;
  origin: RunResult['origin'];
  /** Id of the run that it was continued from, which may be gone; left out where that was another adapter or is not known. */
  continuedFrom?: string;
  model: KeptModelName;
  /** `hash`: SHA-256 over all rows, whatever their order; see `DatasetReport`. */
  dataset: { name: string; hash: string; rows: Record<SplitName, number> };
  settings: SettledSettings;
  /** Settings that are not what the model and the size of the data suggest. */
  changed: SettingName[];
  preparation: Preparation;
  /** "WebGPU, Apple M2". */
  device: string;
  steps: number;
  totalSteps: number;
  /** The step kept. */
  bestStep: number;
  stopped: boolean;
  elapsedSeconds: number;
  /** What happened on the way: a loss that jumped, a device that was lost. */
  notices: string[];
  figures: KeptFigures;
  /** On the validation texts, at most `mostCurvePoints`. */
  validationLoss: KeptLoss[];
  /** In the order in which they came, at most `mostMarks`; runs of the first version have none. */
  marks?: RunMark[];
}

/** What a run's charts mark at a step. */
export interface RunMark {
  step: number;
  kind: 'device-lost' | 'resumed' | 'went-back' | 'loss-spike';
}

export const mostMarks = 100;

export interface ListedRun extends KeptRun {
  /** With its adapter and predictions. */
  sizeBytes: number;
}

export interface KeptRuns {
  /** The newest first. */
  runs: ListedRun[];
  /** Runs whose files cannot be read any more; they can still be deleted. */
  damaged: { id: string; sizeBytes: number; report: ErrorReport }[];
  /** Of all of them. */
  usedBytes: number;
  /** False where the browser keeps nothing: then they are gone with the tab. */
  isOnDevice: boolean;
}

/** What came of a file of runs. */
export interface ImportedRuns {
  added: number;
  /** Runs of the file that were here already. */
  known: number;
}

export const mostCurvePoints = 400;

/** An evaluation on the validation texts in the course of a run. */
export interface CurvePoint extends KeptLoss {
  /** Fractions; null for plain text. */
  accuracy: number | null;
  macroF1: number | null;
}

export interface RunCurves {
  totalSteps: number;
  /** Null for an imported adapter, which was judged once. */
  base: CurvePoint | null;
  /** In order of steps. */
  tuned: CurvePoint[];
}

/** How a kept run went, for the charts that it had. */
export interface RunCourse extends RunCurves {
  run: KeptRun;
  stepsPerEpoch: number;
  /** As they were taken, all of them. */
  steps: StepRecord[];
  /** As they were planned, some or all. */
  learningRates: LearningRatePoint[];
  tokensPerSecond: number;
}

/** One figure of both tuned models. */
export interface ComparedFigure {
  name: 'accuracy' | 'macroF1' | 'loss' | 'perplexity';
  a: number;
  b: number;
  /** a − b. */
  difference: number;
  /** 95 %, by drawing texts for both at once; null where the runs were not judged on the same texts, or of plain text. */
  interval: [number, number] | null;
}

/** Two tuned models on the texts that both were judged on. */
export interface ComparedTexts {
  /** Texts that both were judged on, of each run's own. */
  common: number;
  ofA: number;
  ofB: number;
  bothRight: number;
  onlyA: number;
  onlyB: number;
  neither: number;
  /** McNemar's exact test of `onlyA` against `onlyB`, two-sided. */
  pValue: number;
  /** Texts to which they give different classes. */
  disagreements: number;
}

export interface ComparedJudgements {
  figures: ComparedFigure[];
  /** Null where one of them learned plain text. */
  texts: ComparedTexts | null;
}

/** By likelihood, which every run by classes is judged by. */
export interface RunComparison extends ComparedJudgements {
  curves: { a: RunCurves; b: RunCurves };
  /** By what both wrote when they were free to; null where one of them wrote nothing. Without losses. */
  written: ComparedJudgements | null;
}

export interface DisagreementQuery {
  a: string;
  b: string;
  judgedBy: JudgedBy;
  offset: number;
  count: number;
}

/** A text that two runs read differently. */
export interface Disagreement {
  text: string;
  label: string;
  a: ReadText;
  b: ReadText;
}

/** What a tuned model made of a text. */
export interface ReadText {
  /** Null: what it wrote names none. */
  label: string | null;
  /** What it wrote; null where the likelihood decides. */
  answer: string | null;
}

export interface Disagreements {
  texts: Disagreement[];
  total: number;
}
