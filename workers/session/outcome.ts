import type { CellQuery, ClassifiedText, Prediction, ResultLogits, RunResult } from '../api/results';
import type { DeviceReport } from '../api/trainerApi';
import type { Dataset } from '../data/dataset';
import { idleStep } from '../engine/step';
import { probabilitiesOf } from '../evaluation/metrics';
import { pythonLines } from '../lora/python';
import type { TrainingRecord } from '../lora/trainingLog';
import { packedBatch } from '../training/examples';
import type { EngineRoom } from './engineRoom';
import { classifiedText, type Judgement } from './judge';
import { ResultSlices, sliceColumns } from './resultSlices';
import type { FinishedRun } from './trainingRun';

/** Both models as they stand after a run or an imported adapter's evaluation, ready for questions. */
export interface Outcome {
  run: FinishedRun;
  result: RunResult;
  record: TrainingRecord;
  slices: ResultSlices;
}

/** Turns a finished run into what the page shows and the files tell. */
export function finishRun(run: FinishedRun, dataset: Dataset, device: DeviceReport): Outcome {
  const { inputs, training } = run;
  const { model, settings, labels, planned } = inputs;
  const isOnHub = model.summary.source === 'hub';
  const result: RunResult = {
    name: inputs.name,
    origin: training ? (inputs.startFrom ? 'continued' : 'run') : 'import',
    modelName: model.summary.name,
    datasetName: dataset.opened.name,
    labels: [...labels],
    trainExamples: training ? planned.train.ids.length : 0,
    settings: training ? settings : null,
    steps: training?.steps ?? 0,
    bestStep: training?.bestStep ?? 0,
    skippedSteps: training?.skippedSteps ?? 0,
    stopped: training?.stopped ?? false,
    elapsedSeconds: training?.elapsedSeconds ?? 0,
    tokensPerSecond: training?.tokensPerSecond ?? 0,
    base: run.base.evaluation,
    tuned: run.tuned.evaluation,
    ...changes(run.base, run.tuned),
    adapterBytes: planned.graphs.layout.count * 4,
    python: pythonLines({
      adapterPath: adapterFolder(inputs.name),
      baseName: model.summary.name,
      baseIsOnHub: isOnHub,
      baseRevision: model.summary.revision,
      labels,
      padTokenId: model.padTokenId,
      maxLength: settings.maxLength,
      example: 'A sentence of your own.',
    }),
    baseFilesOffered: model.summary.source === 'embedded',
  };
  const columns = sliceColumns(dataset, run.tuned.evaluation.split);
  const slices = new ResultSlices(run, labels, settings.seed, columns);
  return { run, result, record: recordOf(run, result, dataset, device), slices };
}

function recordOf(
  { inputs, training, evaluations }: FinishedRun,
  result: RunResult,
  dataset: Dataset,
  device: DeviceReport,
): TrainingRecord {
  const { model, settings, labels } = inputs;
  const summary = dataset.summary();
  return {
    labels,
    padTokenId: model.padTokenId,
    maxLength: settings.maxLength,
    base: { name: model.summary.name, source: model.summary.source, revision: model.summary.revision },
    settings,
    data: {
      name: summary.name,
      attribution: summary.attribution,
      labels: summary.labels,
      split: summary.split,
      splitMethod: summary.splitMethod,
    },
    steps: training?.records ?? [],
    evaluations,
    result,
    device: device.label,
  };
}

/** A folder's name that every system takes. */
export function adapterFolder(runName: string): string {
  const plain = runName
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `${plain.slice(0, 80) || 'tunelet'}-adapter`;
}

/** Texts righted and lost between two judgements of one split. */
export function changes(base: Judgement, tuned: Judgement): { righted: number; lost: number } {
  let righted = 0;
  let lost = 0;
  base.split.labels.forEach((label, index) => {
    const before = base.predictions[index] === label;
    const after = tuned.predictions[index] === label;
    if (!before && after) righted++;
    if (before && !after) lost++;
  });
  return { righted, lost };
}

/** Surest first. */
export function textsOfCell({ run }: Outcome, { model, actual, predicted }: CellQuery): ClassifiedText[] {
  const judgement = run[model];
  const { labels } = run.inputs;
  const labelIndex = labels.indexOf(actual);
  const predictedIndex = labels.indexOf(predicted);
  const texts: ClassifiedText[] = [];
  judgement.predictions.forEach((prediction, index) => {
    if (prediction === predictedIndex && judgement.split.labels[index] === labelIndex)
      texts.push(classifiedText(judgement, index, labels));
  });
  return texts.sort((a, b) => b.probability - a.probability);
}

export function resultLogits({ run }: Outcome): ResultLogits {
  const classes = run.inputs.labels.length;
  const rows = ({ logits, split }: Judgement): number[][] =>
    Array.from(split.labels, (_, row) => [...logits.subarray(row * classes, (row + 1) * classes)]);
  return { labels: [...run.tuned.split.labels], base: rows(run.base), tuned: rows(run.tuned) };
}

/** Both models on one text. Prepares the run's engine again where another run has taken its place. */
export async function predict({ run }: Outcome, room: EngineRoom, text: string): Promise<Prediction> {
  const { model, settings, labels, planned } = run.inputs;
  if (!room.holds(run.engine)) {
    run.engine = await room.prepare({ model, settings, planned });
  }
  const { executor, evaluate } = run.engine;
  const all = model.tokenizer.encode(text);
  const ids = Int32Array.from(all.slice(0, settings.maxLength));
  const batch = packedBatch({ ids: [ids], labels: Int32Array.of(0) }, [0], model.padTokenId);
  const start = performance.now();
  const probabilities = async (parameters: Float32Array): Promise<Prediction['base']> => {
    executor.writeState('parameters', parameters);
    const logits = (await evaluate.run(batch, idleStep, false)).get('logits') ?? new Float32Array();
    const shares = probabilitiesOf(logits, labels.length, 0);
    return labels.map((label, index) => ({ label, probability: shares[index] ?? 0 }));
  };
  const base = await probabilities(run.baseParameters);
  const tuned = await probabilities(run.tunedParameters);
  return {
    base,
    tuned,
    tokenCount: all.length,
    truncated: all.length > settings.maxLength,
    elapsedMs: performance.now() - start,
  };
}
