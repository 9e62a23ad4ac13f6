import { fromCleaningNames, type CleaningSettings } from '../api/cleaning';
import type { LabelCount, SplitName, TextPair } from '../api/dataset';
import { TuneletError } from '../api/errors';
import type { StepRecord } from '../api/steps';
import type { HubDatasetChoice } from '../api/hubDataset';
import { toHuggingFaceNames } from '../api/hyperparameters';
import { isLabelWords } from '../api/labelWords';
import type { ModelSource } from '../api/model';
import { toPreparationNames } from '../api/preparation';
import type { ClassFigures, Evaluation, ModelRole, RunResult } from '../api/results';
import type { SettledSettings } from '../api/settings';
import { parseJson } from '../api/parseJson';
import { isRecord } from '../api/isRecord';

/** Everything of a run that its files tell. */
export interface TrainingRecord {
  labels: readonly string[];
  padTokenId: number;
  /** In tokens; longer texts were cut. */
  maxLength: number;
  base: {
    name: string;
    source: ModelSource['kind'];
    revision: string | null;
    /** Under the Hub's name for it; null where nothing tells. */
    licence: string | null;
  };
  settings: SettledSettings;
  data: {
    name: string;
    attribution: string | null;
    /** What of the Hub it was taken from. */
    hub: HubDatasetChoice | null;
    labels: readonly LabelCount[];
    split: Readonly<Record<SplitName, number>>;
    /** "by label, seed 42" or "given files". */
    splitMethod: string;
  };
  steps: readonly StepRecord[];
  evaluations: readonly { step: number; model: ModelRole; evaluation: Evaluation }[];
  /** The same of plain text. */
  losses?: readonly { step: number; model: ModelRole; loss: number }[];
  result: RunResult;
  /** "WebGPU, Apple M2". */
  device: string;
}

/** What of it a model card tells. */
export type CardRecord = Omit<TrainingRecord, 'steps' | 'evaluations' | 'losses'>;

/** What an import needs to know beside the tensors. */
export interface LoggedTraining {
  labels: string[] | null;
  padTokenId: number | null;
  maxLength: number | null;
  base: { name: string; revision: string | null } | null;
  /** Name of the dataset. */
  trainedOn: string | null;
  /** "head", "prompt" or "text", as far as it says. */
  task: string | null;
  /** How texts were asked for, by prompt. */
  prompt: Pick<SettledSettings, 'systemText' | 'promptTemplate' | 'useChatFormat' | 'labelWords'> | null;
  /** How its texts were cleaned, as far as it says. */
  cleaning: CleaningSettings;
  /** Columns that its texts came from, as far as it says. */
  columns: { text: string | null; pair: TextPair | null };
}

/** training_log.json. */
export function writeTrainingLog(record: TrainingRecord): string {
  const { result } = record;
  const log = {
    format: 'tunelet training log 1',
    labels: record.labels,
    pad_token_id: record.padTokenId,
    max_length: record.maxLength,
    base: record.base,
    settings: toHuggingFaceNames(record.settings),
    base_dropout: 0,
    class_weights: result.classWeights,
    data: {
      name: record.data.name,
      attribution: record.data.attribution,
      hub: record.data.hub,
      labels: record.data.labels,
      split: record.data.split,
      split_method: record.data.splitMethod,
      preparation: toPreparationNames(result.preparation),
    },
    device: record.device,
    steps_done: result.steps,
    best_step: result.bestStep,
    skipped_steps: result.skippedSteps,
    learning_rate_halved_after_step: result.rateHalvedAfter,
    stopped: result.stopped,
    elapsed_seconds: result.elapsedSeconds,
    tokens_per_second: result.tokensPerSecond,
    result: resultFigures(result),
    evaluations: [
      ...record.evaluations.map(({ step, model, evaluation }) => ({ step, model, ...figures(evaluation) })),
      ...(record.losses ?? []),
    ],
    steps: record.steps.map(({ step, loss, learningRate, gradNorm }) => ({
      step,
      loss,
      learning_rate: learningRate,
      grad_norm: gradNorm,
    })),
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

/**
 * Reads back what `writeTrainingLog` wrote; a log of another program gives nulls for what it lacks.
 * @throws TuneletError 'adapter/bad-archive' where it is no JSON object, or a label list that cannot be one
 */
export function readTrainingLog(text: string): LoggedTraining {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    json = null;
  }
  if (!isRecord(json)) throw damaged('it is not a JSON object');
  const base = isRecord(json['base']) ? json['base'] : null;
  const data = isRecord(json['data']) ? json['data'] : null;
  const preparation = isRecord(data?.['preparation']) ? data['preparation'] : {};
  return {
    labels: readLabels(json['labels']),
    padTokenId: wholeNumber(json['pad_token_id']),
    maxLength: wholeNumber(json['max_length']),
    base: typeof base?.['name'] === 'string' ? { name: base['name'], revision: textOrNull(base['revision']) } : null,
    trainedOn: textOrNull(data?.['name']),
    task: isRecord(json['settings']) ? textOrNull(json['settings']['task']) : null,
    prompt: isRecord(json['settings']) ? promptOf(json['settings']) : null,
    cleaning: fromCleaningNames(preparation),
    columns: columnsOf(preparation),
  };
}

function columnsOf(preparation: Record<string, unknown>): LoggedTraining['columns'] {
  const column = textOrNull(preparation['text_pair_column']);
  const joiner = textOrNull(preparation['text_pair_joiner']);
  const pair = column !== null && joiner !== null ? { column, joiner } : null;
  return { text: textOrNull(preparation['text_column']), pair };
}

function resultFigures(result: RunResult) {
  if (result.task === 'text') {
    const { split, tokens, base, tuned } = result;
    return { split, tokens, base, tuned };
  }
  const { base, tuned, written } = result;
  const free = written && { base: classFigures(written.base), tuned: classFigures(written.tuned) };
  return { base: figures(base), tuned: figures(tuned), ...(written && { unparsed: written.unparsed, written: free }) };
}

function figures(evaluation: Evaluation) {
  return { ...classFigures(evaluation), loss: evaluation.loss };
}

function classFigures({ split, count, accuracy, macro, weighted, confusion, majority }: ClassFigures) {
  return {
    split,
    count,
    accuracy,
    macro_f1: macro.f1,
    macro_precision: macro.precision,
    macro_recall: macro.recall,
    weighted_f1: weighted.f1,
    majority,
    confusion,
  };
}

function promptOf(settings: Record<string, unknown>): LoggedTraining['prompt'] {
  const { task, system_text: systemText, prompt_template: promptTemplate, use_chat_format: useChatFormat } = settings;
  if (task !== 'prompt' || typeof systemText !== 'string' || typeof promptTemplate !== 'string') return null;
  const { label_words: words } = settings;
  return { systemText, promptTemplate, useChatFormat: useChatFormat !== false, labelWords: isLabelWords(words) ? words : {} };
}

function readLabels(value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.every((label) => typeof label === 'string'))
    throw damaged('its labels are not a list of texts');
  if (new Set(value).size !== value.length) throw damaged('it names a label twice');
  return value;
}

function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function damaged(fault: string): TuneletError {
  return new TuneletError(
    'adapter/bad-archive',
    `training_log.json cannot be read: ${fault}.`,
    'Leave training_log.json out; the labels can then be named by hand.',
    { file: 'training_log.json' },
  );
}
