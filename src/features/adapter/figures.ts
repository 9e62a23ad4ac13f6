import type { SplitName } from '../../../workers/api/dataset';
import { toHuggingFaceNames } from '../../../workers/api/hyperparameters';
import type { Evaluation, ResultLogits, RunResult } from '../../../workers/api/results';

interface ModelFigures {
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Fractions. */
  accuracy: number;
  macroF1: number;
  /** Rows true, columns predicted. */
  confusion: number[][];
}

/** `metrics.json`: what scripts read of a run. Its names never change. */
export interface Figures {
  device: string;
  labels: string[];
  trainExamples: number;
  /** By Hugging Face name; null for an adapter that was only evaluated. */
  settings: ReturnType<typeof toHuggingFaceNames> | null;
  steps: number;
  seconds: number;
  tokensPerSecond: number;
  base: ModelFigures;
  tuned: ModelFigures;
  split: SplitName;
  result: RunResult;
  logits: ResultLogits;
}

export function figuresOf(result: RunResult, logits: ResultLogits, device: string): Figures {
  return {
    device,
    labels: result.labels,
    trainExamples: result.trainExamples,
    settings: result.settings && toHuggingFaceNames(result.settings),
    steps: result.steps,
    seconds: result.elapsedSeconds,
    tokensPerSecond: result.tokensPerSecond,
    base: modelFigures(result.base),
    tuned: modelFigures(result.tuned),
    split: result.tuned.split,
    result,
    logits,
  };
}

function modelFigures({ loss, accuracy, macro, confusion }: Evaluation): ModelFigures {
  return { loss, accuracy, macroF1: macro.f1, confusion };
}
