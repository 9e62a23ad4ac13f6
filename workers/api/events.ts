import type { DeviceWait } from './deviceWait';
import type { ErrorReport } from './errors';
import type { DownloadProgress } from './hub';
import type { DatasetDownload } from './hubDataset';
import type { DatasetKeeping } from './keptDataset';
import type { LabellingProgress } from './labelling';
import type { PushProgress } from './push';
import type { Evaluation, ModelRole, RunResult, WatchedText } from './results';
import type { KeptRun } from './runs';
import type { SettledSettings } from './settings';
import type { LearningRatePoint, StepRecord } from './steps';
import type { DeviceReport } from './device';

export type RunPhase =
  | 'loading-weights'
  | 'compiling'
  | 'evaluating-base'
  | 'training'
  | 'evaluating'
  | 'paused'
  /** Its graphics device was lost; 'device-wait' says more. */
  | 'waiting-for-device'
  | 'final-evaluation'
  | 'finished'
  /** Before its first step: nothing is trained, and there is no result. */
  | 'stopped'
  | 'failed';

export interface Progress {
  step: number;
  totalSteps: number;
  epoch: number;
  tokensPerSecond: number;
  elapsedSeconds: number;
  /** Null until a few steps are measured. */
  secondsLeft: number | null;
  /** In half precision: the loss scale as it is, and the steps skipped so far because a gradient overflowed. */
  lossScale?: { scale: number; skippedSteps: number };
}

export type TrainerEvent =
  /** Rows and bytes read of a dataset file. */
  | { kind: 'dataset-progress'; file: string; loadedBytes: number; totalBytes: number; rows: number }
  /** Looks at texts that a change of columns, cleaning or split takes; `texts` reaches `totalTexts` at the end of one that takes long. */
  | { kind: 'change-progress'; texts: number; totalTexts: number }
  /** Texts that the tokenizer has read; `texts` reaches `totalTexts` at the end. */
  | { kind: 'tokenise-progress'; texts: number; totalTexts: number }
  /** Rows of a dataset of the Hub on their way to this device. */
  | { kind: 'dataset-download'; download: DatasetDownload }
  /** Whether the dataset in use would be there after a reload. */
  | { kind: 'dataset-kept'; keeping: DatasetKeeping }
  /** Bytes of the model's files. */
  | { kind: 'model-progress'; file: string; loadedBytes: number; totalBytes: number }
  /** A model's weights on their way from the Hub to this device, whoever asked for them. */
  | { kind: 'download-progress'; progress: DownloadProgress }
  /** Kernels compiled of those that a program needs; the same program says it again and again while `done` grows. */
  | { kind: 'compile-progress'; done: number; total: number }
  | {
      kind: 'run-started';
      name: string;
      settings: SettledSettings;
      totalSteps: number;
      stepsPerEpoch: number;
      labels: string[];
      evaluationSteps: number[];
      memoryBytes: number;
      validationCount: number;
      /** Where the run goes on from a checkpoint; null for one that begins. */
      resumed: { step: number; savedAtMs: number } | null;
      /** The schedule: at most 200 points evenly over the steps, the first and the last among them. */
      learningRates: LearningRatePoint[];
    }
  | { kind: 'phase'; phase: RunPhase }
  /** During 'waiting-for-device', whenever something of it changes. */
  | { kind: 'device-wait'; wait: DeviceWait }
  /** Training goes on after `step`: what was told of later steps and their evaluations holds no more. */
  | { kind: 'resumed'; step: number }
  /** The numbers went wrong at step `fromStep`: training goes on after `step` with half the learning rate, whose schedule is told anew. */
  | { kind: 'went-back'; step: number; fromStep: number; learningRates: LearningRatePoint[] }
  /** Some steps at once: at most ten such events a second. */
  | { kind: 'steps'; records: StepRecord[]; progress: Progress }
  /**
   * Texts judged so far of those that the phase under way judges, both models' at the end; with `answers` texts answered freely.
   * None at first, all at the end, between them at most ten such events a second.
   */
  | { kind: 'evaluation-progress'; done: number; total: number; answers: boolean; elapsedSeconds: number }
  | { kind: 'evaluation'; step: number; model: ModelRole; evaluation: Evaluation; watched: WatchedText[]; best: boolean }
  /** Of plain text: the mean of all tokens' -log p on the validation texts. */
  | { kind: 'text-evaluation'; step: number; model: ModelRole; loss: number; best: boolean }
  /** On the device, before it is told as finished. */
  | { kind: 'run-kept'; run: KeptRun }
  /** A run goes on from here whatever happens to the page. */
  | { kind: 'checkpoint'; step: number; savedAtMs: number; sizeBytes: number }
  /** The one before it still stands; where the device is full the run pauses, once. */
  | { kind: 'checkpoint-failed'; step: number; error: ErrorReport }
  | { kind: 'run-finished'; result: RunResult }
  | { kind: 'run-failed'; error: ErrorReport }
  /** What a model has written so far in the playground. */
  | { kind: 'generated'; model: ModelRole; text: string; tokens: number; elapsedMs: number }
  /** Rows of a table read or labelled: ten such events a second at the most. */
  | { kind: 'labelling-progress'; progress: LabellingProgress }
  /** Bytes written of a merged model's weights. */
  | { kind: 'export-progress'; doneBytes: number; totalBytes: number }
  | ({ kind: 'push-progress' } & PushProgress)
  /** The device is used in another way from now on; the notice in the report says why. */
  | { kind: 'device'; device: DeviceReport }
  /** Something happened, work is safe. */
  | { kind: 'notice'; message: string };
