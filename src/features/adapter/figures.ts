import type { SplitName } from '../../../workers/api/dataset';
import { toHuggingFaceNames } from '../../../workers/api/hyperparameters';
import { toPreparationNames } from '../../../workers/api/preparation';
import type {
  ClassFigures,
  ClassResult,
  Evaluation,
  ModelRole,
  ResultLogits,
  RunResult,
  TextFigures,
  TextResult,
} from '../../../workers/api/results';
import type { Slice, SliceFigures, SliceGroup, SlicesReport } from '../../../workers/api/slices';

interface AnsweredFigures {
  /** Fractions. */
  accuracy: number;
  macroF1: number;
  /** Rows true, columns predicted; of free answers a last column counts those that name no label. */
  confusion: number[][];
}

interface ModelFigures extends AnsweredFigures {
  /** Mean cross-entropy in nats. */
  loss: number;
}

/** The same run judged by what the models write when they are free to. */
interface WrittenFigures {
  /** Texts of the split that were answered; where these are not all, they are evenly spread over it. */
  count: number;
  base: AnsweredFigures;
  tuned: AnsweredFigures;
  slices: SliceEntry[];
}

/** Both models on a part of the split's texts. */
interface SliceEntry {
  kind: SliceGroup['kind'];
  /** "length", the column's name, or "rule". */
  by: string;
  /** "short", "quartile 1", the column's value, "(others)", "(empty)", or the rule in words. */
  value: string;
  /** What the value stands for where it does not say so itself: "under 50 words". */
  range: string | null;
  rows: number;
  /** Too few rows to say anything. */
  tooFew: boolean;
  base: SliceFigures;
  tuned: SliceFigures;
}

/** What `metrics.json` says of every run. Names never change. */
interface AnyFigures {
  device: string;
  labels: string[];
  trainExamples: number;
  /** By Hugging Face name; null for an adapter that was only evaluated. */
  settings: ReturnType<typeof toHuggingFaceNames> | null;
  /** What each class weighed in the loss, in the order of the labels; null where all weighed the same. */
  classWeights: number[] | null;
  /** Columns, cleaning and split, by the names of files. */
  preparation: ReturnType<typeof toPreparationNames>;
  steps: number;
  seconds: number;
  tokensPerSecond: number;
}

/** `metrics.json` of a run that learned plain text. */
export interface TextRunFigures extends AnyFigures {
  split: SplitName;
  /** On that split. */
  perplexity: Record<ModelRole, number>;
  base: TextFigures;
  tuned: TextFigures;
  result: TextResult;
}

/** `metrics.json` of a run that learned classes: what scripts read. */
export interface Figures extends AnyFigures {
  base: ModelFigures;
  tuned: ModelFigures;
  split: SplitName;
  /** By length always, by the dataset's other columns and the user's rules where there are; without those that have no row. */
  slices: SliceEntry[];
  /** Of a prompted run, whose other figures are by likelihood. */
  written?: WrittenFigures;
  /** Of a prompted run: the share of free answers that name no label. */
  unparsed?: Record<ModelRole, number>;
  /** Of a prompted run: texts of the split with what both models wrote. */
  samples?: { text: string; label: string; base: string; tuned: string }[];
  result: ClassResult;
  logits: ResultLogits;
}

function anyFigures(result: RunResult, device: string): AnyFigures {
  return {
    device,
    labels: result.labels,
    trainExamples: result.trainExamples,
    settings: result.settings && toHuggingFaceNames(result.settings),
    classWeights: result.classWeights,
    preparation: toPreparationNames(result.preparation),
    steps: result.steps,
    seconds: result.elapsedSeconds,
    tokensPerSecond: result.tokensPerSecond,
  };
}

export function textFiguresOf(result: TextResult, device: string): TextRunFigures {
  const { split, base, tuned } = result;
  const perplexity = { base: base.perplexity, tuned: tuned.perplexity };
  return { ...anyFigures(result, device), split, perplexity, base, tuned, result };
}

/** What the trainer tells of a result beside the result itself. */
export interface ToldFigures {
  logits: ResultLogits;
  slices: SlicesReport;
  /** Of free answers; null where nothing was written. */
  writtenSlices: SlicesReport | null;
}

export function figuresOf(result: ClassResult, { logits, slices, writtenSlices }: ToldFigures, device: string): Figures {
  const { written } = result;
  return {
    ...anyFigures(result, device),
    base: modelFigures(result.base),
    tuned: modelFigures(result.tuned),
    split: result.tuned.split,
    slices: entriesOf(slices),
    ...(written && {
      written: {
        count: written.tuned.count,
        base: answeredFigures(written.base),
        tuned: answeredFigures(written.tuned),
        slices: writtenSlices ? entriesOf(writtenSlices) : [],
      },
      unparsed: written.unparsed,
      samples: written.samples.map(({ base, tuned, ...sample }) => ({ ...sample, base: base.text, tuned: tuned.text })),
    }),
    result,
    logits,
  };
}

function entriesOf({ groups }: SlicesReport): SliceEntry[] {
  return groups.flatMap((group) => group.slices.flatMap((slice) => entryOf(group, slice)));
}

function entryOf({ kind, by }: SliceGroup, { value, range, rows, tooFew, base, tuned }: Slice): SliceEntry[] {
  return base === null || tuned === null ? [] : [{ kind, by, value, range, rows, tooFew, base, tuned }];
}

function modelFigures(evaluation: Evaluation): ModelFigures {
  return { loss: evaluation.loss, ...answeredFigures(evaluation) };
}

function answeredFigures({ accuracy, macro, confusion }: ClassFigures): AnsweredFigures {
  return { accuracy, macroF1: macro.f1, confusion };
}
