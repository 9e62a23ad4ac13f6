import type { BrowsedRows, BrowseQuery } from '../api/browse';
import { TuneletError } from '../api/errors';
import type { FirstBatch } from '../api/firstBatch';
import type { HubSearch } from '../api/hub';
import type { ModelSource, ModelSummary } from '../api/model';
import type { PaceEstimate } from '../api/pace';
import type { RowPreview } from '../api/preview';
import type { TrainingSettings } from '../api/settings';
import type { MemoryEstimate, RunGrants } from '../api/memory';
import type { RunPlan } from '../api/trainerApi';
import { AdapterRoom } from './model/adapterRoom';
import type { Device } from './device';
import type { EngineRoom } from './engine/engineRoom';
import { firstBatch } from './plan/firstBatch';
import { describeFound } from './plan/foundModels';
import { estimateMemory } from './plan/memoryEstimate';
import { chooseModel, type ChosenModel } from './model/modelRoom';
import type { PaceRoom } from './engine/paceRoom';
import { previewRow } from './plan/previewRow';
import { RunCommands } from './runCommands';
import { planTask, type Planning } from './plan/runInputs';
import { reportPlan, type RunPlanner } from './plan/runPlan';

/** The device, and the rooms that need one. */
export interface Connection {
  device: Device;
  baseUrl: string;
  engine: EngineRoom;
  planner: RunPlanner;
  pace: PaceRoom;
}

/** The page's commands about the model and about what a run with it would be and cost. */
export abstract class PlanCommands extends RunCommands {
  protected connection: Connection | null = null;
  protected chosen: ChosenModel | null = null;
  protected readonly adapters = new AdapterRoom();
  private engineWork: Promise<unknown> = Promise.resolve();

  /** Whether a run is under way or about to begin. */
  protected abstract get isTraining(): boolean;

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
    if (this.isTraining) return null;
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

  protected get planning(): Planning {
    return { model: this.model, data: this.data, planner: this.connected.planner };
  }

  /** One task at a time has the executor. */
  protected async onEngine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.engineWork.then(work);
    this.engineWork = turn.catch(() => {});
    return turn;
  }

  protected get connected(): Connection {
    if (this.connection) return this.connection;
    throw new TuneletError('run/not-ready', 'The trainer was asked to work before it was connected.', 'Reload the page.');
  }

  protected get model(): ChosenModel {
    if (this.chosen) return this.chosen;
    throw new TuneletError('run/not-ready', 'There is no base model yet.', 'Choose a model first.');
  }
}
