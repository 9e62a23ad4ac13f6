import type { SplitName, TokenStatistics } from '../../api/dataset';
import { layerChoiceOf, targetsOf } from '../../api/modules';
import { savedTensors } from '../../api/savedModules';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import type { Counts } from '../../engine/shape';
import type { Watch } from '../../evaluation/watch';
import type { WrittenAnswer } from '../../evaluation/writtenAnswers';
import { scalingOf } from '../../lora/config';
import { adaptedMatcher } from '../../lora/targets';
import type { BaseModel, BodyPlan } from '../../models/architecture';
import type { BatchSource } from '../../training/examples';
import type { TokenLoss } from '../../training/languageModelEvaluator';
import type { RunEngine, TaskGraphs } from './runEngine';

/** Texts that a model is judged by. */
export interface JudgedSplit {
  texts: readonly string[];
  labels: Int32Array;
}

/** One text as the task reads it. */
export interface ReadText {
  tokenCount: number;
  truncated: boolean;
  /** `(labels)`, with whatever parameters the executor holds. */
  scores(engine: RunEngine): Promise<Float32Array>;
}

/** Many texts as the task reads them. */
export interface ReadTexts {
  /** Of each text, whether it is longer than the model reads. */
  cut: readonly boolean[];
  /** `(texts, labels)`, as `ClassTask.scores`. */
  scores(engine: RunEngine, watch: Watch): Promise<Float32Array | null>;
}

/** Texts of a split that the models answer freely. */
export interface AnsweredTexts {
  /** Indices of the texts, ascending. */
  rows: readonly number[];
  /** Answers to the texts of these rows, with whatever parameters the executor holds. Null where `watch` ended it early. */
  write(rows: readonly number[], watch: Watch): Promise<WrittenAnswer[] | null>;
}

/** What a run learns, under one tokenizer. Immutable. */
interface AnyTask {
  /** Classes in the model's order; none for plain text. */
  readonly labels: readonly string[];
  count(split: SplitName): number;
  statistics(settings: TrainingSettings): TokenStatistics;
  examples(settings: TrainingSettings): BatchSource;
  /** The most that any micro-batch of so many epochs has. */
  trainingCapacity(settings: TrainingSettings, epochs: number): Counts;
  /** What `graphs` depends on beside the settings of adapter and precision. */
  graphKey(settings: TrainingSettings, training: Counts): string;
  graphs(settings: SettledSettings, training: Counts): TaskGraphs;
  evaluationCapacity(graphs: TaskGraphs, training: Counts, settings: TrainingSettings): Counts;
  /** Tokens after which the model is to write; null where the task writes nothing. */
  prompt(text: string): Int32Array | null;
}

/** Judged by classes. */
export interface ClassTask extends AnyTask {
  readonly name: 'head' | 'prompt';
  judged(split: SplitName, settings: TrainingSettings): JudgedSplit;
  /** Logits `(texts, labels)`: a softmax of a row gives the probabilities. Null where `watch` ended it early. */
  scores(engine: RunEngine, split: SplitName, settings: TrainingSettings, watch: Watch): Promise<Float32Array | null>;
  read(text: string, settings: TrainingSettings): ReadText;
  readAll(texts: readonly string[], settings: TrainingSettings): ReadTexts;
  /** Null where the task writes nothing, or the settings do not ask for it. */
  answered(engine: RunEngine, split: SplitName, settings: TrainingSettings): AnsweredTexts | null;
  /** What each class weighs in the loss; null where all weigh the same. */
  weights(settings: TrainingSettings): Float32Array | null;
}

/** Judged by how well every next token is foreseen. */
export interface CorpusTask extends AnyTask {
  readonly name: 'text';
  /** As `ClassTask.scores`. */
  loss(engine: RunEngine, split: SplitName, watch: Watch): Promise<TokenLoss | null>;
}

export type RunTask = ClassTask | CorpusTask;

export function bodyPlan(settings: TrainingSettings, { tensors }: Pick<BaseModel, 'tensors'>): BodyPlan {
  const { modulesToSave } = settings;
  return {
    lora: {
      r: settings.r,
      scaling: scalingOf(settings),
      dropout: settings.loraDropout,
      dora: settings.useDora,
      adapts: adaptedMatcher({
        targetModules: targetsOf(settings.targetModules),
        layers: layerChoiceOf(settings.layersToTransform),
        modulesToSave,
      }),
      saved: savedTensors(modulesToSave, tensors),
    },
    storage: settings.weightStorage,
  };
}
