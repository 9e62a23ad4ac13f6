import type { Preparation, SplitName, TextPair } from './dataset';
import type { TaskName, SettledSettings } from './settings';

/** Whose figures: the base model with its untrained head, or the tuned one. */
export type ModelRole = 'base' | 'tuned';

export interface Averages {
  precision: number;
  recall: number;
  f1: number;
}

export interface ClassMetrics extends Averages {
  label: string;
  /** Texts whose true class this is. */
  support: number;
}

/**
 * What makes a prompted model's answer: the likeliest of the labels, or what it writes when it is free to. A classification head's
 * answers are by likelihood.
 */
export type JudgedBy = 'likelihood' | 'writing';

/** Figures of one model on texts of a split, of which it is only known what class each was given; fractions, not per cent. */
export interface ClassFigures {
  split: SplitName;
  count: number;
  accuracy: number;
  macro: Averages;
  weighted: Averages;
  perClass: ClassMetrics[];
  /** Rows true, columns predicted; of written answers a last column counts those that name no class. */
  confusion: number[][];
  /** 95 % intervals: Wilson for accuracy, bootstrap by seed for macro-F1. */
  intervals: { accuracy: [number, number]; macroF1: [number, number] };
  /** The class that is most frequent in this split, and its share: what always guessing it would score. */
  majority: { label: string; share: number };
}

/** Figures of one model on one split, from the probabilities of its classes. */
export interface Evaluation extends ClassFigures {
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Expected calibration error over ten bins. */
  calibrationError: number;
  /** The share of texts whose class is one of the three likeliest. */
  topThreeAccuracy: number;
}

/** Figures of what one model writes: there are no probabilities, so neither loss nor calibration. */
export interface WrittenEvaluation extends ClassFigures {
  /** The share of answers that name no class; they count as wrong. */
  unparsed: number;
}

/** One of the few validation texts that the page follows through the run. */
export interface WatchedText {
  text: string;
  label: string;
  predicted: string;
  /** Of the predicted class. */
  probability: number;
}

export interface ClassifiedText {
  text: string;
  label: string;
  /** Null: what the model wrote names none. */
  predicted: string | null;
  /** Of the predicted class; null where the answer was written. */
  probability: number | null;
  /** What the model wrote; null where the likelihood decides. */
  answer: string | null;
}

/** Which texts a confusion-matrix cell holds. */
export interface CellQuery {
  judgedBy: JudgedBy;
  model: ModelRole;
  actual: string;
  /** Null: the answers that name no class. */
  predicted: string | null;
}

export interface Prediction {
  /** The text as the models read it, where cleaning changed it; else null. */
  cleaned: string | null;
  /** One entry a class, in class order. */
  base: { label: string; probability: number }[];
  tuned: { label: string; probability: number }[];
  tokenCount: number;
  truncated: boolean;
  elapsedMs: number;
}

/** What a model wrote after a prompt. */
export interface WrittenText {
  text: string;
  /** The class that this names; null: none, or several. */
  label: string | null;
}

/** A text of the judged split that both models answered freely. */
export interface AnsweredText {
  text: string;
  label: string;
  base: WrittenText;
  tuned: WrittenText;
}

/** Free answers to the texts of the judged split: to all, or where these are very many to some, evenly spread over it. */
export interface WrittenAnswers {
  /** One a text that was answered. */
  samples: AnsweredText[];
  /** The share of answers that name no class. */
  unparsed: Record<ModelRole, number>;
  /** On the texts that were answered. */
  base: WrittenEvaluation;
  tuned: WrittenEvaluation;
  /** Of these, texts wrong before and right after, and the other way round. */
  righted: number;
  lost: number;
}

/** A text as someone types it; of a run on pairs both, which are cleaned each by itself and joined as the dataset's are. */
export type TypedText = string | readonly [first: string, second: string];

/** How the playground is to write; names as in transformers' `generate`. */
export interface GenerationRequest {
  text: TypedText;
  maxNewTokens: number;
  /** False: always the likeliest token. */
  doSample: boolean;
  temperature: number;
  /** 0: all. */
  topK: number;
  topP: number;
  repetitionPenalty: number;
  seed: number;
}

export interface Generation {
  base: GeneratedAnswer;
  tuned: GeneratedAnswer;
  promptTokens: number;
  elapsedMs: number;
}

export interface GeneratedAnswer {
  text: string;
  tokens: number;
  /** `length`: the wanted number of tokens, or the model's room, is used up. */
  ended: 'stop' | 'length' | 'cancelled';
  /** From when both began to its last token. */
  elapsedMs: number;
}

/** What every finished (or stopped-and-kept) run, or an imported adapter's evaluation, leaves. */
interface AnyResult {
  /** "nano-gpt2 on bank messages". */
  name: string;
  /** A fresh run, one that went on from an adapter, or the evaluation of an imported adapter. */
  origin: 'run' | 'continued' | 'import';
  modelName: string;
  datasetName: string;
  labels: string[];
  /** Texts, or blocks of plain text. */
  trainExamples: number;
  /** What it was trained with; null for an import. */
  settings: SettledSettings | null;
  /** What was done to the dataset's columns, texts and rows. */
  preparation: Preparation;
  /** What each class weighed in the loss, in class order; null where all weighed the same. */
  classWeights: number[] | null;
  /** Steps done; `bestStep` is the one kept. */
  steps: number;
  bestStep: number;
  /** In half precision: steps left out because a gradient overflowed. */
  skippedSteps: number;
  /** The step after which the learning rates were halved, because the numbers went wrong; null where they were not. */
  rateHalvedAfter: number | null;
  stopped: boolean;
  /** Wall time of training with its evaluations. */
  elapsedSeconds: number;
  tokensPerSecond: number;
  adapterBytes: number;
  /** Python lines that load this adapter as they stand. */
  python: string;
  /** True when the base is on no hub and its files are offered beside the adapter. */
  baseFilesOffered: boolean;
}

/** Of a run that learned classes. */
export interface ClassResult extends AnyResult {
  task: 'head' | 'prompt';
  /** On `test` where there is one, else on `validation`. */
  base: Evaluation;
  tuned: Evaluation;
  /** What both models write by themselves; null where the task is a head's. */
  written: WrittenAnswers | null;
  /** Texts wrong before and right after, and the other way round. */
  righted: number;
  lost: number;
}

/** How well a model foresees the tokens of a split. */
export interface TextFigures {
  /** Mean of -log p, nats. */
  loss: number;
  /** e to the loss. */
  perplexity: number;
}

/** Of a run that learned plain text. */
export interface TextResult extends AnyResult {
  task: 'text';
  split: SplitName;
  /** Tokens that were predicted there. */
  tokens: number;
  base: TextFigures;
  tuned: TextFigures;
}

export type RunResult = ClassResult | TextResult;

/** What the figures of a result rest on: one entry a text of the judged split, in its order. */
export interface ResultLogits {
  /** True class, as an index in the result's labels. */
  labels: number[];
  /** `(texts, labels)` */
  base: number[][];
  tuned: number[][];
}

export interface AdapterSummary {
  name: string;
  /** What it was made for. */
  task: TaskName;
  r: number;
  loraAlpha: number;
  targetModules: string[];
  /** Trained as a whole, a head apart. */
  modulesToSave: string[];
  /** By prompt it may name none. */
  labels: string[];
  /** True when the adapter carried no label names and LABEL_0… stand in. */
  labelsAreGuessed: boolean;
  trainedOn: string | null;
  /** Columns that its texts came from; null where it does not say, or learned from single texts. */
  textColumn: string | null;
  textPair: TextPair | null;
}
