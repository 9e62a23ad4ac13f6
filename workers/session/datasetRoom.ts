import { TuneletError } from '../api/errors';
import type { ColumnMapping, DatasetFiles, DatasetReport, DatasetSummary, ReadChoices, SplitOptions } from '../api/dataset';
import type { TrainerEvent } from '../api/events';
import { Dataset } from '../data/dataset';
import type { ReadOptions } from '../data/decode';
import { openDataset, type OpenedDataset } from '../data/openDataset';
import { reportOn, skippedRowsAsCsv } from '../data/report';
import { openSample } from '../data/sample';
import type { Archive } from '../api/trainerApi';
import type { TrainingSettings } from '../api/settings';
import { EncodedDataset } from './encodedDataset';
import { HeadTask } from './headTask';
import type { ChosenModel } from './modelRoom';
import { PromptTask } from './promptTask';
import type { RunTask } from './runTask';
import { TextTask } from './textTask';

const progressMs = 50;

/** The dataset the user works with. A file that cannot be used leaves the earlier dataset as it was. */
export class DatasetRoom {
  private readonly emit: (event: TrainerEvent) => void;
  private dataset: Dataset | null = null;
  private reading: AbortController | null = null;
  /** Read, but its columns could not be guessed: the user may still name them. */
  private unmapped: OpenedDataset | null = null;
  private encoded: { dataset: Dataset; model: ChosenModel; texts: Promise<EncodedDataset> } | null = null;
  private readonly prompted = new Latest<PromptTask>();
  private readonly blocks = new Latest<TextTask>();

  constructor(emit: (event: TrainerEvent) => void) {
    this.emit = emit;
  }

  async loadSample(baseUrl: string): Promise<DatasetSummary> {
    return this.use(await openSample(baseUrl, this.readOptions()));
  }

  async load(files: DatasetFiles, choices: ReadChoices = {}): Promise<DatasetSummary> {
    const reading = new AbortController();
    this.reading = reading;
    try {
      return this.use(await openDataset(files, { ...choices, ...this.readOptions(), signal: reading.signal }));
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }

  /** What `read` brings, under the mapping that comes with it. Ended by `cancel` like the reading of a file. */
  async loadFrom(
    read: (options: ReadOptions) => Promise<{ opened: OpenedDataset; mapping: ColumnMapping }>,
  ): Promise<DatasetSummary> {
    const reading = new AbortController();
    this.reading = reading;
    try {
      const { opened, mapping } = await read({ ...this.readOptions(), signal: reading.signal });
      return this.keep(Dataset.create(opened, mapping));
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }

  /** Ends the reading under way with data/cancelled. */
  cancel(): void {
    const message = 'Reading the file was stopped, as you asked.';
    this.reading?.abort(new TuneletError('data/cancelled', message, 'Choose it again, or another file.'));
  }

  async report(): Promise<DatasetReport> {
    return reportOn(this.current);
  }

  /** A CSV of the rows left out. */
  skippedRows(): Archive {
    const { opened } = this.current;
    const blob = new Blob([skippedRowsAsCsv(this.current)], { type: 'text/csv' });
    return { name: `${opened.name.replace(/(\.[a-z]+)+$/i, '')} skipped rows.csv`, blob };
  }

  map(mapping: ColumnMapping): DatasetSummary {
    const opened = this.unmapped ?? this.current.opened;
    const dataset = Dataset.create(opened, mapping, this.unmapped ? undefined : this.current.splitOptions);
    return this.keep(dataset);
  }

  split(options: SplitOptions): DatasetSummary {
    return this.keep(this.current.withSplit(options));
  }

  get isEmpty(): boolean {
    return this.dataset === null;
  }

  /** Throws 'run/not-ready' where there is none. */
  get current(): Dataset {
    if (this.dataset) return this.dataset;
    throw new TuneletError('run/not-ready', 'There is no dataset yet.', 'Drop a CSV file or use the sample.');
  }

  /** The current dataset as the settings' task has it, classes in the order of `labels`. Throws what `PromptTask.create` throws. */
  async task(model: ChosenModel, labels: readonly string[], settings: TrainingSettings): Promise<RunTask> {
    const dataset = this.current;
    if (settings.task === 'text') return this.textTask(model, settings);
    if (settings.task === 'head') return new HeadTask(model, await this.encode(model, labels), labels);
    const { systemText, promptTemplate, useChatFormat, labelWords, maxLength } = settings;
    const key = JSON.stringify([labels, systemText, promptTemplate, useChatFormat, labelWords, maxLength]);
    return this.prompted.get({ dataset, model, key }, () => PromptTask.create(model, dataset, labels, settings));
  }

  /** Plain text in blocks. Throws what `TextTask.create` throws. */
  async textTask(model: ChosenModel, settings: TrainingSettings): Promise<TextTask> {
    const dataset = this.current;
    const key = String(settings.maxLength);
    return this.blocks.get({ dataset, model, key }, () => TextTask.create(model, dataset, settings));
  }

  /** The current dataset under a model's tokenizer, classes in the order of `labels`; tokenised once for each pair. */
  private async encode(model: ChosenModel, labels: readonly string[]): Promise<EncodedDataset> {
    const encoded = await this.encodeTexts(model);
    const newIndex = this.current.labels.map((label) => labels.indexOf(label));
    return newIndex.every((label, index) => label === index) ? encoded : encoded.relabelled(newIndex);
  }

  private encodeTexts(model: ChosenModel): Promise<EncodedDataset> {
    const dataset = this.current;
    if (this.encoded?.dataset !== dataset || this.encoded.model !== model) {
      const texts = EncodedDataset.encode(dataset, model.tokenizer, model.base.positions, this.tokeniseProgress());
      this.encoded = { dataset, model, texts };
    }
    return this.encoded.texts;
  }

  private use(opened: OpenedDataset): DatasetSummary {
    try {
      return this.keep(Dataset.create(opened));
    } catch (thrown) {
      this.unmapped = opened;
      throw thrown;
    }
  }

  private keep(dataset: Dataset): DatasetSummary {
    this.dataset = dataset;
    this.unmapped = null;
    this.prompted.clear();
    this.blocks.clear();
    return dataset.summary();
  }

  private readOptions(): Pick<ReadOptions, 'onProgress'> {
    const isDue = pacer();
    return { onProgress: (progress) => void (isDue() && this.emit({ kind: 'dataset-progress', ...progress })) };
  }

  private tokeniseProgress(): (progress: { texts: number; totalTexts: number }) => void {
    const isDue = pacer();
    return (progress) =>
      void ((isDue() || progress.texts === progress.totalTexts) && this.emit({ kind: 'tokenise-progress', ...progress }));
  }
}

/** News at most so often that the page can draw it: true when some is due. */
function pacer(): () => boolean {
  let saidMs = -Infinity;
  return () => {
    if (performance.now() - saidMs < progressMs) return false;
    saidMs = performance.now();
    return true;
  };
}

interface TaskKey {
  dataset: Dataset;
  model: ChosenModel;
  key: string;
}

/** The task that was made last, asked for again by plan, preview and run. */
class Latest<Task> {
  private held: (TaskKey & { task: Promise<Task> }) | null = null;

  get(wanted: TaskKey, make: () => Promise<Task>): Promise<Task> {
    const { held } = this;
    if (held?.dataset === wanted.dataset && held.model === wanted.model && held.key === wanted.key) return held.task;
    const task = make();
    this.held = { ...wanted, task };
    return task;
  }

  clear(): void {
    this.held = null;
  }
}
