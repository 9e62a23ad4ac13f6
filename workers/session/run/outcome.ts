import { TuneletError } from '../../api/errors';
import type { CellQuery, ClassResult, JudgedBy, TextFigures, TextResult, ClassifiedText, ResultLogits, RunResult, WrittenAnswers, WrittenText } from '../../api/results'; // prettier-ignore
import type { DeviceReport } from '../../api/device';
import type { Dataset } from '../../data/dataset';
import type { Grouping } from '../../evaluation/sliceGroups';
import type { TrainingRecord } from '../../lora/trainingLog';
import { bySureness, classifiedText, type JudgedTexts, type Judgement, type WrittenJudgement } from './judge';
import { columnsOfRows, ResultSlices, sliceColumns } from './resultSlices';
import type { JudgedClasses } from './runJudge';
import { adapterPython } from './runPython';
import type { FinishedRun, WorkingModels } from './finishedRun';

/** What a run came to, with the texts behind its figures. */
export interface Judged {
  result: RunResult;
  /** Null for plain text. */
  classes: { judged: JudgedClasses; slices: Record<JudgedBy, ResultSlices | null> } | null;
}

/** Both models ready for questions, and what they came to. */
export interface Working {
  run: WorkingModels;
  result: RunResult;
}

/** Both models as they stand after a run or an imported adapter's evaluation. */
export interface Outcome extends Judged, Working {
  run: FinishedRun;
  record: TrainingRecord;
  /** What the run was about. */
  dataset: Dataset;
}

/** What results of all tasks have. */
export type SharedResult = Omit<TextResult, 'task' | 'split' | 'tokens' | 'base' | 'tuned'>;

/** Turns a finished run into what the page shows and the files tell. */
export function finishRun(run: FinishedRun, dataset: Dataset, device: DeviceReport): Outcome {
  const { inputs, training, judged } = run;
  const { model, settings, labels, planned } = inputs;
  const shared = {
    name: inputs.name,
    origin: training ? (inputs.continues ? ('continued' as const) : ('run' as const)) : ('import' as const),
    modelName: model.summary.name,
    datasetName: dataset.opened.name,
    labels: [...labels],
    trainExamples: training ? planned.examples.count : 0,
    settings: training ? settings : null,
    classWeights: training ? weightsOf(inputs) : null,
    preparation: dataset.preparation,
    steps: training?.steps ?? 0,
    bestStep: training?.bestStep ?? 0,
    skippedSteps: training?.skippedSteps ?? 0,
    rateHalvedAfter: training?.rateHalvedAfter ?? null,
    stopped: training?.stopped ?? false,
    elapsedSeconds: training?.elapsedSeconds ?? 0,
    tokensPerSecond: training?.tokensPerSecond ?? 0,
    adapterBytes: planned.graphs.layout.count * 4,
    python: adapterPython(inputs),
    baseFilesOffered: model.summary.source === 'embedded',
  } satisfies SharedResult;
  if (judged.kind === 'text') {
    const figures = ({ loss, perplexity }: TextFigures): TextFigures => ({ loss, perplexity });
    const { split, base, tuned } = judged;
    const result: TextResult = {
      ...shared,
      task: 'text',
      split,
      tokens: tuned.targets,
      base: figures(base),
      tuned: figures(tuned),
    };
    return { run, result, record: recordOf(run, result, dataset, device), dataset, classes: null };
  }
  const columns = sliceColumns(dataset, judged.tuned.evaluation.split);
  const outcome = judgedByClasses(shared, settings.task === 'prompt' ? 'prompt' : 'head', judged, {
    seed: settings.seed,
    columns,
  });
  return { run, ...outcome, record: recordOf(run, outcome.result, dataset, device), dataset };
}

/** `seed`: of the bootstraps. `columns`: by which the texts can be sliced, beside their lengths. */
export function judgedByClasses(
  shared: SharedResult,
  task: ClassResult['task'],
  judged: JudgedClasses,
  { seed, columns }: { seed: number; columns: ReadonlyMap<string, Grouping> },
): Judged {
  const { labels } = shared;
  const result: ClassResult = {
    ...shared,
    task,
    base: judged.base.evaluation,
    tuned: judged.tuned.evaluation,
    written: writtenOf(judged, labels),
    ...changes(judged.base, judged.tuned),
  };
  const slices = {
    likelihood: new ResultSlices(judged, labels, seed, columns),
    writing: judged.written && new ResultSlices(judged.written, labels, seed, columnsOfRows(columns, judged.written.rows)),
  };
  return { result, classes: { judged, slices } };
}

function weightsOf({ task, settings }: FinishedRun['inputs']): number[] | null {
  const weights = task.name === 'text' ? null : task.weights(settings);
  return weights && [...weights];
}

/** What questions about classes need. Throws run/not-ready for plain text. */
export function classesOf({ classes }: Judged): NonNullable<Judged['classes']> {
  if (classes) return classes;
  throw new TuneletError('run/not-ready', 'This run learned plain text, so there are no classes to ask about.', 'Let it write.');
}

/** Throws run/not-ready where there is nothing of that kind. */
export function slicesOf(outcome: Judged, judgedBy: JudgedBy): ResultSlices {
  return classesOf(outcome).slices[judgedBy] ?? refuseWriting();
}

/** Throws run/not-ready: a head writes nothing. */
export function refuseWriting(): never {
  throw new TuneletError(
    'run/not-ready',
    'This run trained a classification head, which writes nothing.',
    'Judge it by likelihood, or train by prompt.',
  );
}

function recordOf(
  { inputs, training, evaluations, losses }: FinishedRun,
  result: RunResult,
  dataset: Dataset,
  device: DeviceReport,
): TrainingRecord {
  const { model, settings, labels } = inputs;
  return {
    labels,
    padTokenId: model.padTokenId,
    maxLength: settings.maxLength,
    base: {
      name: model.summary.name,
      source: model.summary.source,
      revision: model.summary.revision,
      licence: model.summary.licence,
    },
    settings,
    data: dataRecord(dataset),
    steps: training?.records ?? [],
    evaluations,
    losses,
    result,
    device: device.label,
  };
}

/** What files of a run tell of its data. */
export function dataRecord(dataset: Dataset): TrainingRecord['data'] {
  const { name, attribution, hub = null, labels, split, splitMethod } = dataset.summary();
  return { name, attribution, hub, labels, split, splitMethod };
}

/** Texts righted and lost between two judgements of one split. */
export function changes(base: JudgedTexts, tuned: JudgedTexts): { righted: number; lost: number } {
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
export function textsOfCell(outcome: Judged, { judgedBy, model, actual, predicted }: CellQuery): ClassifiedText[] {
  const { judged } = classesOf(outcome);
  const judgement: JudgedTexts = judgedBy === 'writing' ? (judged.written ?? refuseWriting())[model] : judged[model];
  const { labels } = outcome.result;
  const labelIndex = labels.indexOf(actual);
  const predictedIndex = predicted === null ? labels.length : labels.indexOf(predicted);
  const texts: ClassifiedText[] = [];
  judgement.predictions.forEach((prediction, index) => {
    if (prediction === predictedIndex && judgement.split.labels[index] === labelIndex)
      texts.push(classifiedText(judgement, index, labels));
  });
  return texts.sort(bySureness);
}

export function resultLogits(outcome: Judged): ResultLogits {
  const { judged } = classesOf(outcome);
  const classes = outcome.result.labels.length;
  const rows = ({ logits, split }: Judgement): number[][] =>
    Array.from(split.labels, (_, row) => [...logits.subarray(row * classes, (row + 1) * classes)]);
  return { labels: [...judged.tuned.split.labels], base: rows(judged.base), tuned: rows(judged.tuned) };
}

function writtenOf({ written }: JudgedClasses, labels: readonly string[]): WrittenAnswers | null {
  if (!written) return null;
  const { base, tuned } = written;
  const said = ({ answers }: WrittenJudgement, at: number): WrittenText => {
    const { answer = '', label = null } = answers[at] ?? {};
    return { text: answer, label: label === null ? null : (labels[label] ?? null) };
  };
  return {
    samples: tuned.split.texts.map((text, at) => ({
      text,
      label: labels[tuned.split.labels[at] ?? 0] ?? '',
      base: said(base, at),
      tuned: said(tuned, at),
    })),
    unparsed: { base: base.evaluation.unparsed, tuned: tuned.evaluation.unparsed },
    base: base.evaluation,
    tuned: tuned.evaluation,
    ...changes(base, tuned),
  };
}
