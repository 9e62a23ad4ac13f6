import type { TrainerEvent } from '../api/events';
import type { WatchedText } from '../api/results';
import type { SettledSettings } from '../api/settings';
import type { TrainerState } from './trainerState';

type ToldOfClasses = Extract<TrainerEvent, { kind: 'evaluation' }>;

/** A judgement of the validation texts as the page was told it, but for the texts themselves: the dataset has those. */
export type ToldEvaluation =
  | (Omit<ToldOfClasses, 'watched'> & { watched: readonly Omit<WatchedText, 'text'>[] })
  | Extract<TrainerEvent, { kind: 'text-evaluation' }>;

/** What the judge of a run needs to go on, beside its task. */
export interface JudgeState {
  /** In order; the base model's first. */
  told: readonly ToldEvaluation[];
  /** Indices of the validation texts that the page follows: those of every `watched`, in their order. */
  watched: readonly number[];
  /** Of the tuned model, by the task's measure: each that was better than all before it. */
  bests: readonly { step: number; merit: number }[];
  /** Null before the first of the tuned model. */
  said: SaidSoFar | null;
}

/** What both models said of the validation texts, in the judge's own numbers: so what is learnt can be taken away with its figures. */
export interface SaidSoFar {
  base: Float32Array;
  /** After `step`, the best so far. */
  tuned: Float32Array;
  step: number;
}

/** Names and hashes that say whether what is chosen now is what the run was about. */
export interface RunOrigin {
  name: string;
  fingerprint: string;
}

/** An unfinished run between two steps. */
export interface Checkpoint {
  run: { id: string; name: string };
  /** By the device's clock, which may jump; `order` tells which of two is newer. */
  savedAtMs: number;
  order: number;
  settings: SettledSettings;
  /** In the model's order. */
  labels: readonly string[];
  totalSteps: number;
  /** It began with an imported adapter. */
  continues: boolean;
  dataset: RunOrigin;
  model: RunOrigin;
  /** Hash of where each trained tensor lies in the flat arrays. */
  layout: string;
  /** "WebGPU, Apple M2": what computed it. */
  device: string;
  judge: JudgeState;
  state: TrainerState;
}
