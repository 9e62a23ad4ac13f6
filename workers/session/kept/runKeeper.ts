import { firstJudgedBy } from '../../api/judgedBy';
import { defaultSettings } from '../../api/model';
import type { ClassFigures, RunResult } from '../../api/results';
import { mostCurvePoints, type KeptFigures, type KeptLoss, type KeptRun, type KeptScores } from '../../api/runs';
import { settingDifferences } from '../../api/settingDifferences';
import type { DeviceReport } from '../../api/device';
import type { Dataset } from '../../data/dataset';
import { fingerprintOf } from '../../data/report';
import type { KeptColumn, KeptTexts, RunDetails } from '../../runs/details';
import type { NewRun } from '../../runs/runShelf';
import { adapterArchive } from '../exports/archive';
import type { Outcome } from '../run/outcome';
import { sliceColumns } from '../run/resultSlices';
import type { RunJournal } from './runJournal';
import type { FinishedRun } from '../run/finishedRun';
import { modelIdentity } from '../run/workingModels';

/** A finished run as the device keeps it. */
export async function runToKeep(outcome: Outcome, dataset: Dataset, device: DeviceReport, journal: RunJournal): Promise<NewRun> {
  const slices = outcome.classes?.slices.likelihood?.report({ judgedBy: 'likelihood', bands: null, columns: 'all', rules: [] });
  const { blob } = adapterArchive(outcome, slices ?? null);
  return { run: await entryOf(outcome, dataset, device, journal), details: detailsOf(outcome, dataset), adapter: blob };
}

async function entryOf(
  { run, result }: Outcome,
  dataset: Dataset,
  device: DeviceReport,
  { startedAt, notices, marks, continuedFrom }: RunJournal,
): Promise<Omit<KeptRun, 'number'>> {
  const { model, settings, planned } = run.inputs;
  const { summary } = model;
  const { split } = dataset.summary();
  const usual = defaultSettings(summary, split.train).settings;
  const { gradientCheckpointing } = settings;
  return {
    id: crypto.randomUUID(),
    name: result.name.slice(0, 300),
    isRenamed: false,
    startedAt,
    task: result.task,
    origin: result.origin,
    ...(continuedFrom !== null && { continuedFrom }),
    model: { ...(await modelIdentity(model)), source: summary.source },
    dataset: { name: dataset.opened.name, hash: await fingerprintOf(dataset), rows: split },
    settings,
    changed: settingDifferences({ ...usual, gradientCheckpointing }, settings).map(({ key }) => key),
    preparation: result.preparation,
    device: device.label,
    steps: result.steps,
    totalSteps: result.origin === 'import' ? 0 : planned.steps.totalSteps,
    bestStep: result.bestStep,
    stopped: result.stopped,
    elapsedSeconds: result.elapsedSeconds,
    notices: [...notices],
    figures: figuresOf(result),
    validationLoss: validationLoss(run),
    marks: [...marks],
  };
}

function figuresOf(result: RunResult): KeptFigures {
  if (result.task === 'text') {
    const { split, tokens, base, tuned } = result;
    return { kind: 'text', split, tokens, base, tuned };
  }
  const judgedBy = firstJudgedBy(result);
  const { base, tuned } = judgedBy === 'writing' && result.written ? result.written : result;
  const scores = ({ accuracy, intervals, macro }: ClassFigures): KeptScores => ({
    accuracy,
    accuracyInterval: intervals.accuracy,
    macroF1: macro.f1,
  });
  return {
    kind: 'classes',
    judgedBy,
    split: tuned.split,
    count: tuned.count,
    classes: result.labels.length,
    majorityShare: tuned.majority.share,
    base: scores(base),
    tuned: scores(tuned),
  };
}

/** Of the model being tuned, from the base model on; evenly thinned where there are very many. */
function validationLoss({ evaluations, losses }: FinishedRun): KeptLoss[] {
  const all = [
    ...evaluations.map(({ step, evaluation }) => ({ step, loss: evaluation.loss })),
    ...losses.map(({ step, loss }) => ({ step, loss })),
  ];
  const every = Math.ceil(all.length / (mostCurvePoints - 1));
  return all.filter((_, index) => index % every === 0 || index === all.length - 1);
}

function detailsOf({ run, result, classes, record }: Outcome, dataset: Dataset): RunDetails {
  const { labels, trainExamples, classWeights, skippedSteps, rateHalvedAfter } = result;
  const { tokensPerSecond, adapterBytes, python, baseFilesOffered } = result;
  const records = run.training?.records ?? [];
  return {
    labels,
    trainExamples,
    classWeights,
    skippedSteps,
    rateHalvedAfter,
    tokensPerSecond,
    adapterBytes,
    python,
    baseFilesOffered,
    steps: Float64Array.from(records.flatMap(({ step, loss, learningRate, gradNorm }) => [step, loss, learningRate, gradNorm])),
    curve: curveOf(run),
    judged: classes && textsOf(classes),
    data: { ...record.data, labels: [...record.data.labels] },
    columns: classes ? columnsOf(dataset, classes.judged.tuned.evaluation.split) : [],
  };
}

function curveOf({ evaluations, losses }: FinishedRun): Float64Array {
  return Float64Array.from([
    ...evaluations.flatMap(({ step, model, evaluation }) => [
      step,
      model === 'base' ? 0 : 1,
      evaluation.loss,
      evaluation.accuracy,
      evaluation.macro.f1,
    ]),
    ...losses.flatMap(({ step, model, loss }) => [step, model === 'base' ? 0 : 1, loss, NaN, NaN]),
  ]);
}

function textsOf({ judged: { base, tuned, written } }: NonNullable<Outcome['classes']>): KeptTexts {
  return {
    split: tuned.evaluation.split,
    texts: [...tuned.split.texts],
    labels: tuned.split.labels,
    base: base.logits,
    tuned: tuned.logits,
    written: written && {
      rows: Int32Array.from(written.rows),
      base: [...written.base.answers],
      tuned: [...written.tuned.answers],
    },
  };
}

function columnsOf(dataset: Dataset, split: KeptTexts['split']): KeptColumn[] {
  return [...sliceColumns(dataset, split)].map(([column, grouping]) => ({ column, ...grouping }));
}
