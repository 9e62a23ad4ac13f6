import type { BrowsedRows, BrowseQuery } from '../api/browse';
import { textSteps, type CleaningSettings } from '../api/cleaning';
import { TuneletError, reportOf } from '../api/errors';
import type { DatasetSummary } from '../api/dataset';
import type { WayOn } from '../api/deviceWait';
import type { TrainerEvent } from '../api/events';
import type { FirstBatch } from '../api/firstBatch';
import type { HubSearch } from '../api/hub';
import type { RestoredDataset } from '../api/keptDataset';
import type { ModelSource, ModelSummary } from '../api/model';
import type { PaceEstimate } from '../api/pace';
import type { RowPreview, ShownPrompt } from '../api/preview';
import type { AdapterSummary, CellQuery, ClassifiedText, Generation, GenerationRequest, Prediction, ResultLogits, RunResult, TypedText } from '../api/results'; // prettier-ignore
import type { ResumableRun } from '../api/resumable';
import type { TrainingSettings } from '../api/settings';
import type { SliceChoice, SliceQuery, SlicesReport } from '../api/slices';
import type {
  Archive,
  ConnectOptions,
  DevicePreference,
  DeviceReport,
  MemoryEstimate,
  MergedExport,
  RunGrants,
  RunPlan,
  TrainerApi,
} from '../api/trainerApi';
import type { Dataset } from '../data/dataset';
import type { KernelTable } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { AdapterRoom } from './adapterRoom';
import { adapterArchive, baseArchive } from './archive';
import { CheckpointRoom } from './checkpointRoom';
import { findDevice, type Device } from './device';
import { ExportRoom } from './exportRoom';
import { againAfterLoss } from './deviceRecovery';
import { EngineRoom } from './engineRoom';
import { firstBatch } from './firstBatch';
import { generate } from './generate';
import { describeFound } from './foundModels';
import { giveLifeSign } from './lifeSign';
import { estimateMemory } from './memoryEstimate';
import { chooseModel, type ChosenModel } from './modelRoom';
import {
  cleanedText,
  finishRun,
  predict,
  resultLogits,
  slicesOf,
  textsOfCell,
  type Judged,
  type Outcome,
  type Working,
} from './outcome';
import { previewRow } from './previewRow';
import { PaceRoom } from './paceRoom';
import { planTask, resumedInputs, runInputs, type Planning } from './runInputs';
import { reportPlan, RunPlanner } from './runPlan';
import { RunCommands } from './runCommands';
import { RunJournal } from './runJournal';
import { runToKeep } from './runKeeper';
import type { ReopenedRun } from './runRoom';
import { showPrompt } from './showPrompt';
import { TrainingRun, type FinishedRun, type RunInputs, type RunKeeping } from './trainingRun';
import { UnfinishedRuns, type Chosen } from './unfinishedRuns';
import { Revival, requireSameModel } from './workingModels';

/** A run that is planned and may begin. */
interface ReadyRun {
  inputs: RunInputs;
  dataset: Dataset;
  keeping: RunKeeping;
}

/** Answers the page: the one object that wires the rooms. Each method leaves everything as it was when it throws. */
export class Session extends RunCommands implements TrainerApi {
  private readonly kernels: KernelTable;
  private readonly adapters = new AdapterRoom();
  private readonly exports = new ExportRoom((event) => this.emit(event));
  private connection: { device: Device; baseUrl: string; engine: EngineRoom; planner: RunPlanner; pace: PaceRoom } | null = null;
  private chosen: ChosenModel | null = null;
  private readonly unfinished: UnfinishedRuns;
  private run: TrainingRun | null = null;
  /** An imported adapter's evaluation. */
  private judging: TrainingRun | null = null;
  private starting = false;
  private outcome: Outcome | null = null;
  /** A kept run that is looked at instead of `outcome`. */
  private reopened: { run: ReopenedRun; revival: Revival } | null = null;
  private readonly journal = new RunJournal();
  /** While a question is answered, the engine getting ready is no news of a run. */
  private isAnswering = false;
  private engineWork: Promise<unknown> = Promise.resolve();
  private writing: AbortController | null = null;

  /** `kernels`: what graphics devices run; `checkpoints`: where runs under way are kept. */
  constructor(kernels: KernelTable = ops, checkpoints = new CheckpointRoom()) {
    super();
    this.kernels = kernels;
    this.unfinished = new UnfinishedRuns(checkpoints, this.emit);
  }

  async connect(
    listener: (event: TrainerEvent) => void,
    preference: DevicePreference,
    baseUrl: string,
    options: ConnectOptions = {},
  ): Promise<DeviceReport> {
    this.listener = (event) => {
      this.journal.note(event);
      listener(event);
    };
    if (options.lifeSign !== undefined) await giveLifeSign(options.lifeSign);
    const device = await findDevice(preference, options);
    const engine = new EngineRoom(device, baseUrl, (event) => void (!this.isAnswering && this.emit(event)), this.kernels);
    const pace = new PaceRoom(device, () => engine.createSpare());
    this.connection = { device, baseUrl, engine, planner: new RunPlanner(device), pace };
    return device.report;
  }

  async ping(): Promise<void> {}

  async loadSample(): Promise<DatasetSummary> {
    return this.data.loadSample(this.connected.baseUrl);
  }

  async restoreDataset(): Promise<RestoredDataset | null> {
    return this.restoreFrom(this.connected.baseUrl);
  }

  async firstBatch(settings: TrainingSettings): Promise<FirstBatch> {
    const dataset = this.data.current;
    const { planned } = await planTask(this.planning, settings, dataset.labels, null);
    return firstBatch(this.model, dataset, settings, planned);
  }

  async browse(query: BrowseQuery): Promise<BrowsedRows | null> {
    return this.data.browse(query, this.chosen);
  }

  async searchHub(words: string): Promise<HubSearch> {
    return describeFound(await this.cache.search(words), this.connected.device);
  }

  async chooseModel(source: ModelSource): Promise<ModelSummary> {
    const model = await chooseModel(source, this.connected.baseUrl, await this.cache.library(), this.emit);
    this.chosen = model;
    this.adapters.clear();
    return model.summary;
  }

  async previewRow(settings: TrainingSettings, row: number): Promise<RowPreview> {
    return previewRow(this.model, this.data, settings, row);
  }

  async planRun(settings: TrainingSettings, { memoryLimitBytes }: RunGrants): Promise<RunPlan> {
    const { inputs, planned } = await planTask(this.planning, settings, this.data.current.labels, memoryLimitBytes);
    const problem = this.connected.planner.problem(inputs, settings, planned, memoryLimitBytes);
    return reportPlan(planned, inputs.task, settings, problem);
  }

  async estimatePace(settings: TrainingSettings, { memoryLimitBytes }: RunGrants): Promise<PaceEstimate | null> {
    const { pace } = this.connected;
    const { inputs, planned } = await planTask(this.planning, settings, this.data.current.labels, memoryLimitBytes);
    if (this.run || this.starting) return null;
    return pace.estimate({ model: inputs.model, task: inputs.task.name, planned });
  }

  async estimateMemory(settings: TrainingSettings, { memoryLimitBytes }: RunGrants): Promise<MemoryEstimate> {
    const { device, planner } = this.connected;
    const inputs = this.data.isEmpty
      ? null
      : (await planTask(this.planning, settings, this.data.current.labels, memoryLimitBytes)).inputs;
    const planWith = inputs && ((again: boolean) => planner.plan(inputs, { ...settings, gradientCheckpointing: again }, null));
    return estimateMemory(this.model.base, settings, planWith, device, memoryLimitBytes);
  }

  async start(settings: TrainingSettings, from: 'fresh' | 'adapter', grants: RunGrants): Promise<RunResult> {
    return this.complete(async () => {
      const dataset = this.data.current;
      const adapter = from === 'adapter' ? this.adapters.current : null;
      const inputs = await runInputs(this.planning, settings, adapter, grants);
      return { inputs, dataset, keeping: await this.unfinished.begin(inputs, dataset, this.runPlace) };
    });
  }

  async resumableRun(): Promise<ResumableRun | null> {
    return this.run || this.starting ? null : this.unfinished.describe(this.chosenNow);
  }

  async resumeRun(grants: RunGrants): Promise<RunResult> {
    return this.complete(async () => {
      const checkpoint = await this.unfinished.take(this.chosenNow);
      const dataset = this.data.current;
      const inputs = await resumedInputs(this.planning, checkpoint, grants);
      return { inputs, dataset, keeping: await this.unfinished.goOn(inputs, checkpoint, this.runPlace) };
    });
  }

  async discardRun(): Promise<void> {
    if (this.run || this.starting) throw busy('discard a run');
    await this.unfinished.discard();
  }

  async checkpointNow(): Promise<void> {
    await this.run?.checkpointNow();
  }

  /** Trains what `make` makes ready, to its result. */
  private async complete(make: () => Promise<ReadyRun>): Promise<RunResult> {
    if (this.run || this.starting) throw busy('start a run');
    const { engine, device, pace } = this.connected;
    pace.endTrial();
    this.starting = true;
    const { inputs, dataset, keeping } = await make().finally(() => (this.starting = false));
    const run = new TrainingRun(inputs, this.emit, keeping);
    this.run = run;
    this.journal.begin();
    try {
      const finished = await this.onEngine(() => run.run(engine));
      const { model, task, planned } = finished.inputs;
      if (finished.training) await pace.learn({ model, task: task.name, planned }, finished.training);
      const result = await this.conclude(finished, dataset, device);
      await keeping.keeper.remove();
      return result;
    } catch (thrown) {
      const error = reportOf(thrown);
      const isStopped = error.code === 'run/stopped';
      // Nothing was trained; of any other end what was kept stays, to go on from.
      if (isStopped) await keeping.keeper.remove();
      this.emit({ kind: 'phase', phase: isStopped ? 'stopped' : 'failed' });
      if (!isStopped) this.emit({ kind: 'run-failed', error });
      throw thrown;
    } finally {
      this.run = null;
    }
  }

  async pause(): Promise<void> {
    this.run?.pause();
  }

  async resume(): Promise<void> {
    this.run?.resume();
  }

  async stop(): Promise<void> {
    (this.run ?? this.judging)?.stop();
  }

  async goOn(way: WayOn): Promise<void> {
    (this.run ?? this.judging)?.goOn(way);
  }

  async exportSoFar(): Promise<Archive> {
    if (!this.run) throw new TuneletError('run/not-ready', 'There is no run under way.', 'Download the finished run’s adapter.');
    return adapterArchive(finishRun(this.run.soFar(), this.data.current, this.connected.device.report), null);
  }

  async textsOfCell(cell: CellQuery): Promise<ClassifiedText[]> {
    return textsOfCell(this.judged, cell);
  }

  async logitsOfResult(): Promise<ResultLogits> {
    return resultLogits(this.judged);
  }

  async slices(query: SliceQuery): Promise<SlicesReport> {
    return slicesOf(this.judged, query.judgedBy).report(query);
  }

  async textsOfSlice(choice: SliceChoice): Promise<ClassifiedText[]> {
    return slicesOf(this.judged, choice.query.judgedBy).wrongTexts(choice);
  }

  async predict(text: TypedText): Promise<Prediction> {
    if (this.run) throw busy('try a sentence');
    const { engine } = this.connected;
    return this.answer(async () => predict(await this.working(), engine, text));
  }

  async showPrompt(text: TypedText): Promise<ShownPrompt> {
    const { reopened } = this;
    const read = cleanedText(this.judged.result.preparation, text);
    if (!reopened) return showPrompt(this.finished.run.inputs, read);
    return showPrompt(await reopened.revival.inputs(this.chosen, this.connected.planner), read);
  }

  async generate(request: GenerationRequest): Promise<Generation> {
    if (this.run) throw busy('write');
    const { engine } = this.connected;
    this.writing?.abort();
    const writing = new AbortController();
    this.writing = writing;
    return this.answer(async () => generate(await this.working(), engine, request, { signal: writing.signal, emit: this.emit }));
  }

  async stopGeneration(): Promise<void> {
    this.writing?.abort();
  }

  async exportAdapter(slices: SliceQuery): Promise<Archive> {
    if (this.reopened) return this.keptRuns.adapter(this.reopened.run.run.id);
    return adapterArchive(this.finished, this.finished.classes?.slices[slices.judgedBy]?.report(slices) ?? null);
  }

  async exportMerged(merged: MergedExport, slices: SliceQuery): Promise<Archive | null> {
    if (this.reopened) throw notMerged();
    const report = this.finished.classes?.slices[slices.judgedBy]?.report(slices) ?? null;
    return this.exports.merged(this.finished, merged, report);
  }

  async cancelExport(): Promise<void> {
    this.exports.cancel();
  }

  async exportBase(): Promise<Archive> {
    if (!this.reopened) return baseArchive(this.finished.run.inputs.model);
    requireSameModel(this.reopened.run.run, this.model);
    return baseArchive(this.model);
  }

  async importAdapter(files: File[]): Promise<AdapterSummary> {
    return this.adapters.import(files, this.model);
  }

  async nameLabels(labels: string[]): Promise<AdapterSummary> {
    return this.adapters.nameLabels(labels);
  }

  async evaluateAdapter(): Promise<RunResult> {
    if (this.run) throw busy('evaluate an adapter');
    const { engine, device } = this.connected;
    const dataset = this.data.current;
    const adapter = this.adapters.current;
    const settings = adapter.evaluationSettings(this.model);
    const difference = cleaningDifference(adapter.cleaning, dataset.cleaning);
    if (difference !== null) this.emit({ kind: 'notice', message: difference });
    const inputs = await runInputs(this.planning, settings, adapter, { memoryLimitBytes: null });
    const run = new TrainingRun(inputs, this.emit, null);
    this.judging = run;
    this.journal.begin();
    const finished = await this.onEngine(() => run.evaluateOnly(engine)).finally(() => (this.judging = null));
    return this.conclude(finished, dataset, device);
  }

  async openRun(id: string): Promise<RunResult> {
    if (this.run) throw busy('open another run');
    const run = await this.keptRuns.open(id);
    this.reopened = { run, revival: new Revival(run, (await this.keptRuns.adapter(id)).blob) };
    return run.result;
  }

  async continueFrom(id: string): Promise<AdapterSummary> {
    requireSameModel(await this.keptRuns.entry(id), this.model);
    const { name, blob } = await this.keptRuns.adapter(id);
    return this.adapters.import([new File([blob], name)], this.model);
  }

  /** Keeps what came out on this device, then tells the page. A run that cannot be kept is finished all the same. */
  private async conclude(finished: FinishedRun, dataset: Dataset, device: Device): Promise<RunResult> {
    const outcome = finishRun(finished, dataset, device.report);
    this.outcome = outcome;
    this.reopened = null;
    try {
      const run = await this.keptRuns.keep(await runToKeep(outcome, dataset, device.report, this.journal));
      this.emit({ kind: 'run-kept', run });
    } catch (thrown) {
      const { message, remedy } = reportOf(thrown);
      this.emit({
        kind: 'notice',
        message: `This run is not kept among your runs. ${message} ${remedy} Its adapter can be downloaded now.`,
      });
    }
    this.emit({ kind: 'phase', phase: 'finished' });
    this.emit({ kind: 'run-finished', result: outcome.result });
    return outcome.result;
  }

  private get runPlace() {
    return { device: () => this.connected.device.report.label, pause: () => this.run?.pause() };
  }

  private get chosenNow(): Chosen {
    return { dataset: this.data.isEmpty ? null : this.data.current, model: this.chosen };
  }

  private get planning(): Planning {
    return { model: this.model, data: this.data, planner: this.connected.planner };
  }

  /** One task at a time has the executor. */
  private async onEngine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.engineWork.then(work);
    this.engineWork = turn.catch(() => {});
    return turn;
  }

  /** A question about a finished run. */
  private async answer<T>(work: () => Promise<T>): Promise<T> {
    return this.onEngine(async () => {
      this.isAnswering = true;
      try {
        return await againAfterLoss(work);
      } finally {
        this.isAnswering = false;
      }
    });
  }

  private get judged(): Judged {
    return this.reopened?.run ?? this.finished;
  }

  private async working(): Promise<Working> {
    const { reopened } = this;
    if (!reopened) return this.finished;
    const { engine, planner } = this.connected;
    return { run: await reopened.revival.models(this.chosen, planner, engine), result: reopened.run.result };
  }

  private get connected(): NonNullable<Session['connection']> {
    if (this.connection) return this.connection;
    throw new TuneletError('run/not-ready', 'The trainer was asked to work before it was connected.', 'Reload the page.');
  }

  private get model(): ChosenModel {
    if (this.chosen) return this.chosen;
    throw new TuneletError('run/not-ready', 'There is no base model yet.', 'Choose a model first.');
  }

  private get finished(): Outcome {
    if (this.outcome) return this.outcome;
    throw new TuneletError('run/not-ready', 'There is no finished run yet.', 'Train a model or evaluate an adapter first.');
  }
}

function notMerged(): TuneletError {
  return new TuneletError(
    'run/not-ready',
    'Only a run of this visit can be merged; this one was opened from those that are kept.',
    'Download its adapter, import it under Prepare, and evaluate it: then it can be merged.',
  );
}

function busy(what: string): TuneletError {
  return new TuneletError(
    'session/busy',
    `A run is under way, so Tunelet cannot ${what} now.`,
    'Wait for the run to end, or stop it and keep what it has learnt.',
  );
}

/** An adapter reads best what it learned from; null where its texts were cleaned as the dataset's are. */
function cleaningDifference(learned: CleaningSettings, read: CleaningSettings): string | null {
  const [before, now] = [learned, read].map((cleaning) =>
    textSteps.filter((step) => cleaning[step]).map((step) => `clean.${step}`),
  );
  if (!before || !now || before.join() === now.join()) return null;
  const words = (steps: readonly string[]): string => (steps.length === 0 ? 'as they were' : `with ${steps.join(', ')}`);
  return `This adapter learned from texts ${words(before)}; yours are read ${words(now)}. Set the same steps under Clean texts for the figures that it deserves.`;
}
