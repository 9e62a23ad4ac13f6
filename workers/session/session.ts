import { textSteps, type CleaningSettings } from '../api/cleaning';
import type { DatasetSummary } from '../api/dataset';
import type { WayOn } from '../api/deviceWait';
import { TuneletError, reportOf } from '../api/errors';
import type { TrainerEvent } from '../api/events';
import type { RestoredDataset } from '../api/keptDataset';
import type { AdapterSummary, RunResult } from '../api/results';
import type { ResumableRun } from '../api/resumable';
import type { TrainingSettings } from '../api/settings';
import type { ConnectOptions, DevicePreference, DeviceReport } from '../api/device';
import type { RunGrants } from '../api/memory';
import type { Archive, TrainerApi } from '../api/trainerApi';
import type { Dataset } from '../data/dataset';
import type { KernelTable } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { clearPassingFiles } from '../storage/passingFiles';
import type { Turn } from '../storage/turns';
import { adapterArchive } from './exports/archive';
import { busy } from './busy';
import type { RunKeeping } from './run/checkpointKeeper';
import { CheckpointRoom } from './run/checkpointRoom';
import { findDevice, processor, type Device } from './device';
import { EngineRoom } from './engine/engineRoom';
import type { FinishedRun } from './run/finishedRun';
import { LabellingCommands } from './labellingCommands';
import { giveLifeSign } from './lifeSign';
import { finishRun } from './run/outcome';
import { PaceRoom } from './engine/paceRoom';
import { resumedInputs, runInputs, type RunInputs } from './plan/runInputs';
import { RunJournal } from './kept/runJournal';
import { runToKeep } from './kept/runKeeper';
import { RunPlanner } from './plan/runPlan';
import { TrainingRun } from './run/trainingRun';
import { UnfinishedRuns, type Chosen } from './run/unfinishedRuns';
import { requireSameModel } from './run/workingModels';

/** A run that is planned and may begin. */
interface ReadyRun {
  inputs: RunInputs;
  dataset: Dataset;
  keeping: RunKeeping;
  /** Id of the kept run that it goes on from, or null. */
  continuedFrom: string | null;
}

/** Answers the page: the one object that wires the rooms. Each method leaves everything as it was when it throws. */
export class Session extends LabellingCommands implements TrainerApi {
  private readonly kernels: KernelTable;
  private readonly unfinished: UnfinishedRuns;
  private run: TrainingRun | null = null;
  /** An imported adapter's evaluation. */
  private judging: TrainingRun | null = null;
  private starting = false;
  private readonly journal = new RunJournal();

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
    // What cannot be removed now waits for the next visit: it is in nobody's way.
    clearPassingFiles().catch(() => undefined);
    return device.report;
  }

  async ping(): Promise<void> {}

  async loadSample(): Promise<DatasetSummary> {
    return this.data.loadSample(this.connected.baseUrl);
  }

  async restoreDataset(): Promise<RestoredDataset | null> {
    return this.restoreFrom(this.connected.baseUrl);
  }

  async start(settings: TrainingSettings, from: 'fresh' | 'adapter', grants: RunGrants): Promise<RunResult> {
    return this.complete(async (turn) => {
      const dataset = this.data.current;
      const adapter = from === 'adapter' ? this.adapters.current : null;
      const inputs = await runInputs(this.planning, settings, adapter, grants);
      const keeping = await this.unfinished.begin(inputs, dataset, this.placeOf(turn));
      return { inputs, dataset, keeping, continuedFrom: adapter?.ofRun ?? null };
    });
  }

  async resumableRun(): Promise<ResumableRun | null> {
    return this.isTraining ? null : this.unfinished.describe(this.chosenNow);
  }

  async resumeRun(grants: RunGrants): Promise<RunResult> {
    return this.complete(async (turn) => {
      const checkpoint = await this.unfinished.take(this.chosenNow);
      const dataset = this.data.current;
      const inputs = await resumedInputs(this.planning, checkpoint, grants);
      const keeping = await this.unfinished.goOn(inputs, checkpoint, this.placeOf(turn));
      return { inputs, dataset, keeping, continuedFrom: null };
    });
  }

  async discardRun(): Promise<void> {
    if (this.isTraining) throw busy('discard a run');
    await this.unfinished.discard();
  }

  async checkpointNow(): Promise<void> {
    await this.run?.checkpointNow();
  }

  /** Trains what `make` makes ready, to its result. */
  private async complete(make: (turn: Turn) => Promise<ReadyRun>): Promise<RunResult> {
    if (this.isTraining) throw busy('start a run');
    const { engine, device, pace } = this.connected;
    pace.endTrial();
    this.starting = true;
    const { inputs, dataset, keeping, continuedFrom, turn } = await this.ready(make).finally(() => (this.starting = false));
    // Of the processor nothing is tried while a run waits for its device.
    const onProcessor = new PaceRoom(processor(device.threads, null), async () => null);
    const { label } = device.report;
    const run = new TrainingRun(inputs, this.emit, keeping, (paced) => onProcessor.estimate(paced));
    this.run = run;
    this.journal.begin(continuedFrom);
    const giveUp = () => run.giveUp(takenOver());
    turn.lost.addEventListener('abort', giveUp);
    try {
      if (turn.lost.aborted) giveUp();
      const finished = await this.onEngine(() => run.run(engine));
      const { model, task, planned } = finished.inputs;
      // On two devices it went at no one's pace.
      const isOnOne = device.report.label === label;
      if (finished.training && isOnOne) await pace.learn({ model, task: task.name, planned }, finished.training);
      const result = await this.conclude(finished, dataset, device);
      await keeping.keeper.remove();
      return result;
    } catch (thrown) {
      // The page shows the run of the other tab from here on.
      if (turn.lost.aborted) throw thrown;
      const error = reportOf(thrown);
      const isStopped = error.code === 'run/stopped';
      // Nothing was trained; of any other end what was kept stays, to go on from.
      if (isStopped) await keeping.keeper.remove();
      this.emit({ kind: 'phase', phase: isStopped ? 'stopped' : 'failed' });
      if (!isStopped) this.emit({ kind: 'run-failed', error });
      throw thrown;
    } finally {
      this.run = null;
      turn.lost.removeEventListener('abort', giveUp);
      turn.end();
    }
  }

  private async ready(make: (turn: Turn) => Promise<ReadyRun>): Promise<ReadyRun & { turn: Turn }> {
    const turn = await this.unfinished.takeTurn();
    try {
      return { ...(await make(turn)), turn };
    } catch (thrown) {
      turn.end();
      throw thrown;
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

  async importAdapter(files: File[]): Promise<AdapterSummary> {
    return this.adapters.import(files, this.model);
  }

  async nameLabels(labels: string[]): Promise<AdapterSummary> {
    return this.adapters.nameLabels(labels);
  }

  async evaluateAdapter(): Promise<RunResult> {
    if (this.isTraining) throw busy('evaluate an adapter');
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

  async continueFrom(id: string): Promise<AdapterSummary> {
    await requireSameModel(await this.keptRuns.entry(id), this.model);
    const { name, blob } = await this.keptRuns.adapter(id);
    return this.adapters.import([new File([blob], name)], this.model, id);
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

  protected get isTraining(): boolean {
    return this.run !== null || this.starting;
  }

  private placeOf(turn: Turn) {
    return { device: () => this.connected.device.report.label, pause: () => this.run?.pause(), turn };
  }

  private get chosenNow(): Chosen {
    return { dataset: this.data.isEmpty ? null : this.data.current, model: this.chosen };
  }
}

function takenOver(): TuneletError {
  return new TuneletError(
    'session/elsewhere',
    'Another tab has taken this run over, so it has ended here.',
    'Look there, or take it over again.',
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
