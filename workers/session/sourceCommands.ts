import type { BrowseQuery } from '../api/browse';
import type { CleaningReport, CleaningSettings } from '../api/cleaning';
import type { ColumnMapping, DatasetFiles, DatasetReport, DatasetSummary, ReadChoices, SplitOptions } from '../api/dataset';
import type { TrainerEvent } from '../api/events';
import type { HubModelPlan, HubModelReference, KeptModel, KeptModels } from '../api/hub';
import type { HubDatasetChoice, HubDatasetPlan, HubDatasetReference, KeptDataset } from '../api/hubDataset';
import type { RestoredDataset } from '../api/keptDataset';
import type { Archive } from '../api/trainerApi';
import { CacheRoom } from './model/cacheRoom';
import { DatasetKeeper } from './dataset/datasetKeeper';
import { DatasetRoom } from './dataset/datasetRoom';
import { HubDataRoom } from './dataset/hubDataRoom';

/** The page's commands about where data and models come from and how they are read: they need no device and no run. */
export class SourceCommands {
  protected listener: (event: TrainerEvent) => void = () => {};
  protected readonly emit = (event: TrainerEvent): void => this.listener(event);
  protected readonly cache = new CacheRoom(this.emit);
  private readonly keeper = new DatasetKeeper(this.emit);
  protected readonly data = new DatasetRoom(this.emit, (dataset) => this.keeper.keep(dataset));
  private readonly hubData = new HubDataRoom(this.emit, () => this.cache.access());

  async loadDataset(files: DatasetFiles, choices?: ReadChoices): Promise<DatasetSummary> {
    return this.data.load(files, choices);
  }

  async inspectHubDataset(asked: HubDatasetReference): Promise<HubDatasetPlan> {
    return this.hubData.inspect(asked);
  }

  async loadHubDataset(choice: HubDatasetChoice): Promise<DatasetSummary> {
    return this.data.loadFrom((options) => this.hubData.read(choice, options));
  }

  async keepDataset(isWanted: boolean): Promise<void> {
    return this.keeper.want(isWanted);
  }

  /** @param baseUrl where the page's public files are, the sample among them */
  protected async restoreFrom(baseUrl: string): Promise<RestoredDataset | null> {
    return this.keeper.restore(this.data, this.hubData, baseUrl);
  }

  async listKeptDatasets(): Promise<KeptDataset[]> {
    return this.hubData.kept();
  }

  async deleteKeptDataset(dataset: Pick<KeptDataset, 'id' | 'config'>): Promise<KeptDataset[]> {
    return this.hubData.remove(dataset);
  }

  async cancelDataset(): Promise<void> {
    this.data.cancel();
  }

  async describeDataset(): Promise<DatasetReport> {
    return this.data.report();
  }

  async skippedRows(): Promise<Archive> {
    return this.data.skippedRows();
  }

  async mapColumns(mapping: ColumnMapping): Promise<DatasetSummary> {
    return this.data.map(mapping);
  }

  async cleanDataset(cleaning: CleaningSettings): Promise<DatasetSummary> {
    return this.data.clean(cleaning);
  }

  async cleaningReport(): Promise<CleaningReport | null> {
    return this.data.cleaningReport();
  }

  async browsedRows(query: BrowseQuery): Promise<Archive> {
    return this.data.browsedRows(query);
  }

  async splitDataset(options: Partial<SplitOptions>): Promise<DatasetSummary> {
    return this.data.split(options);
  }

  async inspectHubModel(model: HubModelReference): Promise<HubModelPlan> {
    return this.cache.inspect(model);
  }

  async downloadHubModel(model: HubModelReference): Promise<HubModelPlan> {
    return this.cache.download(model);
  }

  async cancelDownload(): Promise<void> {
    return this.cache.cancel();
  }

  async listKeptModels(): Promise<KeptModels> {
    return this.cache.kept();
  }

  async deleteKeptModel(model: Pick<KeptModel, 'id' | 'commit' | 'file'>): Promise<KeptModels> {
    return this.cache.remove(model);
  }

  async setHubToken(token: string | null): Promise<void> {
    return this.cache.setToken(token);
  }
}
