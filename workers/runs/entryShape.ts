import type { CleaningSettings } from '../api/cleaning';
import type { ColumnMapping, Preparation, SplitName, SplitOptions } from '../api/dataset';
import { hyperparameters } from '../api/hyperparameters';
import { mostCurvePoints, mostMarks, type KeptFigures, type KeptRun, type KeptScores, type RunMark } from '../api/runs';
import type { TextFigures } from '../api/results';
import type { SettledSettings } from '../api/settings';
import { fields, finite, flag, listOf, matching, namesTo, nullable, oneOf, optional, pairOf, ShapeMismatch, text, whole, type Shape } from './shape'; // prettier-ignore

/** Limits of what is read from a file of runs; a prompt may be long, a name may not. */
export const longest = { name: 300, word: 2000, prompt: 200_000, list: 20_000 };
/** What names a run's files. */
export const runIdPattern = /^[a-z0-9-]{8,64}$/;

export const splitName = oneOf('train', 'validation', 'test');
/** JSON has no NaN: a loss that is none is null there. */
export const measured: Shape<number> = (value, path) => (value === null ? NaN : finite()(value, path));
const share = finite(0, 1);
const words = text(longest.word);

export const textFigures = fields<TextFigures>({ loss: measured, perplexity: measured });

export const rowsOfSplits = fields<Record<SplitName, number>>({ train: whole(), validation: whole(), test: whole() });

export const settings = fields<SettledSettings>({
  task: oneOf('head', 'prompt', 'text'),
  systemText: text(longest.prompt),
  promptTemplate: text(longest.prompt),
  useChatFormat: flag,
  labelWords: namesTo(words, longest.list),
  predictWithGenerate: flag,
  maxNewTokens: whole(),
  learningRate: finite(),
  numTrainEpochs: finite(),
  maxSteps: whole(-1),
  perDeviceTrainBatchSize: whole(1),
  gradientAccumulationSteps: whole(1),
  warmupSteps: finite(0),
  lrSchedulerType: oneOf('linear', 'cosine', 'constant', 'constant_with_warmup'),
  weightDecay: finite(),
  maxGradNorm: finite(),
  classWeights: oneOf('none', 'balanced'),
  seed: whole(),
  evalSteps: finite(0),
  saveSteps: finite(0),
  r: whole(1),
  loraAlpha: finite(),
  loraDropout: share,
  targetModules: listOf(words, longest.list),
  layersToTransform: listOf(whole(), longest.list),
  modulesToSave: listOf(words, longest.list),
  useRslora: flag,
  useDora: flag,
  maxLength: whole(1),
  weightStorage: oneOf('float16', 'float32', 'int8', 'int4'),
  fp16: flag,
  gradientCheckpointing: flag,
});

const mapping = fields<ColumnMapping>({
  text: words,
  textPair: optional(fields({ column: words, joiner: words })),
  label: words,
  labelOptions: optional(
    fields({
      mergeVariants: flag,
      unlabelled: oneOf('leave-out', 'class'),
      names: listOf(fields({ from: words, to: words }), longest.list),
    }),
  ),
});

export const cleaning = fields<CleaningSettings>({
  html: flag,
  control: flag,
  urls: flag,
  lowercase: flag,
  whitespace: flag,
  duplicates: flag,
  minWords: whole(),
});

const split = fields<SplitOptions>({
  seed: whole(),
  method: oneOf('ratio', 'rows', 'given'),
  validationShare: share,
  testShare: share,
  stratified: flag,
  rowsPerClass: rowsOfSplits,
  groupColumn: nullable(words),
  sameTextTogether: flag,
});

export const preparation = fields<Preparation>({ mapping, cleaning, split });

const scores = fields<KeptScores>({ accuracy: share, accuracyInterval: pairOf(share), macroF1: share });

const classes = fields<Extract<KeptFigures, { kind: 'classes' }>>({
  kind: oneOf('classes'),
  judgedBy: oneOf('likelihood', 'writing'),
  split: splitName,
  count: whole(1),
  classes: whole(1, longest.list),
  majorityShare: share,
  base: scores,
  tuned: scores,
});

const plainText = fields<Extract<KeptFigures, { kind: 'text' }>>({
  kind: oneOf('text'),
  split: splitName,
  tokens: whole(),
  base: textFigures,
  tuned: textFigures,
});

const figures: Shape<KeptFigures> = (value, path) =>
  fields({ kind: oneOf('classes', 'text') })(value, path).kind === 'text' ? plainText(value, path) : classes(value, path);

const settingName: Shape<KeptRun['changed'][number]> = (value, path) => {
  const known = hyperparameters.find(({ key }) => key === value);
  if (known) return known.key;
  throw new ShapeMismatch(`${path} is no setting`);
};

/** What a kept run's list entry may be. */
export const keptRun = fields<KeptRun>({
  id: matching(runIdPattern),
  number: whole(1, 1_000_000),
  name: text(longest.name),
  isRenamed: flag,
  startedAt: finite(0, 8.64e15),
  task: oneOf('head', 'prompt', 'text'),
  origin: oneOf('run', 'continued', 'import'),
  continuedFrom: optional(matching(runIdPattern)),
  model: fields<KeptRun['model']>({
    name: words,
    source: oneOf('embedded', 'files', 'hub'),
    revision: nullable(words),
    file: nullable(words),
    weightsHash: optional(matching(/^[0-9a-f]{32}$/)),
  }),
  dataset: fields<KeptRun['dataset']>({ name: words, hash: matching(/^[0-9a-f]{64}$/), rows: rowsOfSplits }),
  settings,
  changed: listOf(settingName, hyperparameters.length),
  preparation,
  device: words,
  steps: whole(),
  totalSteps: whole(),
  bestStep: whole(),
  stopped: flag,
  elapsedSeconds: finite(0),
  notices: listOf(words, 100),
  figures,
  validationLoss: listOf(fields({ step: whole(), loss: measured }), mostCurvePoints),
  marks: optional(
    listOf(fields<RunMark>({ step: whole(), kind: oneOf('device-lost', 'resumed', 'went-back', 'loss-spike') }), mostMarks),
  ),
});
