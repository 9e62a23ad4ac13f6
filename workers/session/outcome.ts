import { TuneletError } from '../api/errors';
import type { CellQuery, ClassResult, JudgedBy, TextFigures, TextResult, ClassifiedText, Prediction, ResultLogits, RunResult, TypedText, WrittenAnswers, WrittenText } from '../api/results'; // prettier-ignore
import type { Preparation } from '../api/dataset';
import { placeholders } from '../api/promptTemplate';
import type { DeviceReport } from '../api/device';
import { cleanerOf } from '../data/clean/cleaner';
import type { Dataset } from '../data/dataset';
import { changePair, joinTexts } from '../data/textColumns';
import { probabilitiesOf } from '../evaluation/metrics';
import type { Grouping } from '../evaluation/sliceGroups';
import { mergedPythonLines, pythonLines, type PythonPrompt } from '../lora/python';
import type { TrainingRecord } from '../lora/trainingLog';
import type { EngineRoom, RunEngine } from './engineRoom';
import { bySureness, classifiedText, type JudgedTexts, type Judgement, type WrittenJudgement } from './judge';
import { columnsOfRows, ResultSlices, sliceColumns } from './resultSlices';
import type { JudgedClasses } from './runJudge';
import type { FinishedRun, WorkingModels } from './finishedRun';
import type { RunInputs } from './runInputs';

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
  const isOnHub = model.summary.source === 'hub';
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
    python: pythonLines({
      adapterPath: adapterFolder(inputs.name),
      baseName: model.summary.name,
      baseIsOnHub: isOnHub,
      baseRevision: model.summary.revision,
      ggufFile: model.files.format === 'gguf' ? (model.files.weightFiles[0] ?? null) : null,
      weightStorage: settings.weightStorage,
      labels,
      padTokenId: model.padTokenId,
      maxLength: settings.maxLength,
      example: exampleOf(inputs.task.name),
      prompt: pythonPrompt(inputs),
    }),
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

/** A folder's name that every system takes. */
export function adapterFolder(runName: string): string {
  return `${plainName(runName)}-adapter`;
}

/** The same for base and adapter as one model. */
export function mergedFolder(runName: string): string {
  return `${plainName(runName)}-merged`;
}

/** The same for a run that goes on elsewhere. */
export function clusterFolder(runName: string): string {
  return `${plainName(runName)}-cluster`;
}

/** A file's or folder's name that every system takes. */
export function plainName(runName: string): string {
  const plain = runName
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.slice(0, 80) || 'tunelet';
}

/** Python lines that load the merged model from its folder. */
export function mergedPython(inputs: RunInputs, folder: string): string {
  return mergedPythonLines({
    folder,
    maxLength: inputs.settings.maxLength,
    example: exampleOf(inputs.task.name),
    prompt: pythonPrompt(inputs),
  });
}

/** A text to ask with. */
export function exampleOf(task: RunResult['task']): string {
  return task === 'text' ? 'This is how' : 'A sentence of your own.';
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

function pythonPrompt({ settings, task, model }: RunInputs): PythonPrompt | null {
  if (task.name === 'head') return null;
  if (task.name === 'text') return { systemText: '', question: placeholders.text, isChat: false, maxNewTokens: 64 };
  const { systemText, promptTemplate, useChatFormat, maxNewTokens } = settings;
  const [question = ''] = promptTemplate.split(placeholders.label);
  return {
    systemText,
    question,
    isChat: useChatFormat && model.tokenizer.chatTemplate !== null,
    maxNewTokens: maxNewTokens || 16,
  };
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

/** The run's programs; made ready again where another run has taken their place. */
export async function engineOf({ run }: Working, room: EngineRoom): Promise<RunEngine> {
  const { model, planned } = run.inputs;
  if (!room.holds(run.engine)) run.engine = await room.prepare({ model, planned });
  return run.engine;
}

/** A text of the user's as the models read it: cleaned as the run's texts were, a pair joined as theirs. */
export function cleanedText({ cleaning, mapping }: Preparation, text: TypedText): string {
  const clean = cleanerOf(cleaning) ?? ((unchanged: string) => unchanged);
  const joiner = mapping.textPair?.joiner ?? '';
  return typeof text === 'string' ? changePair(text, joiner, clean) : joinTexts(text.map(clean), joiner);
}

function uncleanedText({ mapping }: Preparation, text: TypedText): string {
  return typeof text === 'string' ? text : joinTexts(text, mapping.textPair?.joiner ?? '');
}

/** Both models on one text. */
export async function predict(outcome: Working, room: EngineRoom, text: TypedText): Promise<Prediction> {
  const { run } = outcome;
  const { settings, labels, task } = run.inputs;
  if (task.name === 'text') {
    throw new TuneletError('run/not-ready', 'This run learned plain text, which has no classes.', 'Let it write.');
  }
  const engine = await engineOf(outcome, room);
  const cleaned = cleanedText(outcome.result.preparation, text);
  const read = task.read(cleaned, settings);
  const start = performance.now();
  const probabilities = async (parameters: Float32Array): Promise<Prediction['base']> => {
    engine.executor.writeState('parameters', parameters);
    const shares = probabilitiesOf(await read.scores(engine), labels.length, 0);
    return labels.map((label, index) => ({ label, probability: shares[index] ?? 0 }));
  };
  const base = await probabilities(run.baseParameters);
  const tuned = await probabilities(run.tunedParameters);
  const { tokenCount, truncated } = read;
  return {
    cleaned: cleaned === uncleanedText(outcome.result.preparation, text) ? null : cleaned,
    base,
    tuned,
    tokenCount,
    truncated,
    elapsedMs: performance.now() - start,
  };
}
