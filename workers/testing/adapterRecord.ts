import type { ClassResult, Evaluation } from '../api/results';
import type { TrainingRecord } from '../lora/trainingLog';
import { defaultSettings } from '../api/model';
import { keptRun } from './keptRun';

type ClassRecord = TrainingRecord & { result: ClassResult };

/** A plausible record of a short run, for tests of the files that tell it. */
export function adapterRecord(labels: readonly string[], change: Partial<ClassRecord> = {}): ClassRecord {
  const settings = { ...defaultSettings(null, 100).settings, gradientCheckpointing: false };
  const result: ClassResult = {
    name: 'nano-gpt2 on bank messages',
    origin: 'run',
    task: 'head',
    modelName: 'nano-gpt2',
    datasetName: 'bank messages',
    labels: [...labels],
    trainExamples: 100,
    settings,
    steps: 2,
    bestStep: 2,
    skippedSteps: 0,
    rateHalvedAfter: null,
    classWeights: null,
    preparation: {
      ...keptRun.preparation,
      mapping: { text: 'message', label: 'topic' },
      split: { ...keptRun.preparation.split, rowsPerClass: { train: 100, validation: 20, test: 20 } },
    },
    stopped: false,
    elapsedSeconds: 12.3,
    tokensPerSecond: 456,
    base: evaluationOf(labels, 0.25),
    tuned: evaluationOf(labels, 0.9375),
    written: null,
    righted: 60,
    lost: 2,
    adapterBytes: 1000,
    python: '',
    baseFilesOffered: true,
  };
  return {
    labels,
    padTokenId: 256,
    maxLength: 64,
    base: { name: 'nano-gpt2', source: 'embedded', revision: null, licence: 'mit' },
    settings,
    data: {
      name: 'bank messages',
      attribution: 'Banking77 (CC BY 4.0)',
      hub: null,
      labels: labels.map((name, index) => ({ name, count: 10 + index })),
      split: { train: 100, validation: 20, test: 0 },
      splitMethod: 'by label, seed 42',
    },
    steps: [
      { step: 1, loss: 2.1, learningRate: 0, gradNorm: 3.5 },
      { step: 2, loss: 1.9, learningRate: 0.002, gradNorm: 3.25 },
    ],
    evaluations: [
      { step: 0, model: 'base', evaluation: result.base },
      { step: 2, model: 'tuned', evaluation: result.tuned },
    ],
    result,
    device: 'Processor, 2 threads',
    ...change,
  };
}

/** A plausible one of 20 texts. */
export function evaluationOf(labels: readonly string[], accuracy: number): Evaluation {
  const averages = { precision: accuracy, recall: accuracy, f1: accuracy };
  return {
    split: 'validation',
    count: 20,
    loss: 1 - accuracy,
    accuracy,
    macro: averages,
    weighted: averages,
    perClass: labels.map((label) => ({ label, support: 5, ...averages })),
    confusion: labels.map((_, row) => labels.map((_label, column) => (row === column ? 5 : 0))),
    calibrationError: 0.1,
    topThreeAccuracy: 1,
    intervals: { accuracy: [accuracy - 0.05, accuracy + 0.05], macroF1: [accuracy - 0.1, accuracy + 0.1] },
    majority: { label: labels[0] ?? '', share: 0.3 },
  };
}
