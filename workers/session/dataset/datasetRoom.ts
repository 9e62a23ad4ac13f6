import type { BrowsedRows, BrowseQuery } from '../../api/browse';
import { checkCleaning, type CleaningReport, type CleaningSettings } from '../../api/cleaning';
import { TuneletError } from '../../api/errors';
import type {
  ColumnMapping,
  DatasetFiles,
  DatasetReport,
  DatasetSummary,
  Preparation,
  ReadChoices,
  SplitOptions,
} from '../../api/dataset';
import type { TrainerEvent } from '../../api/events';
import { Dataset, type DatasetChange } from '../../data/dataset';
import type { ReadOptions } from '../../data/decode';
import { openDataset, type OpenedDataset } from '../../data/openDataset';
import { reportOn, skippedRowsAsCsv } from '../../data/report';
import { openSample } from '../../data/sample';
import type { Archive } from '../../api/trainerApi';
import type { TrainingSettings } from '../../api/settings';
import { DatasetLooks } from './datasetLooks';
import { EncodedDataset } from '../tasks/encodedDataset';
import { HeadTask } from '../tasks/headTask';
import { requireKnownTexts } from '../tasks/knownTexts';
import { LatestTask } from './latestTask';
import type { ChosenModel } from '../model/modelRoom';
import { pacer } from '../pacer';
import { PromptTask } from '../tasks/promptTask';
import type { CountingOptions } from '../../data/promptedDataset';
import type { RunTask } from '../tasks/runTask';
import { TextTask } from '../tasks/textTask';

/** The dataset the user works with. A file that cannot be used leaves the earlier dataset as it was. */
export class DatasetRoom {
  private readonly emit: (event: TrainerEvent) => void;
  private dataset: Dataset | null = null;
  private reading: AbortController | null = null;
  private changing: AbortController | null = null;
  private tokenising: AbortController | null = null;
  private readonly looks = new DatasetLooks();
  private encodedNow: { dataset: Dataset; encoded: EncodedDataset } | null = null;
  /** Read, but its columns could not be guessed: the user may still name them. */
  private unmapped: OpenedDataset | null = null;
  private encoded: { dataset: Dataset; model: ChosenModel; texts: Promise<EncodedDataset> } | null = null;
  private readonly prompted = new LatestTask<PromptTask>();
  private readonly blocks = new LatestTask<TextTask>();

  private readonly onUse: (dataset: Dataset) => void;

  /** `onUse` hears of every dataset taken into use, and of every change of how it is prepared. */
  constructor(emit: (event: TrainerEvent) => void, onUse: (dataset: Dataset) => void = () => undefined) {
    this.emit = emit;
    this.onUse = onUse;
  }

  async loadSample(baseUrl: string): Promise<DatasetSummary> {
    const opened = await openSample(baseUrl, this.readOptions());
    return this.use({ ...opened, origin: { kind: 'sample' } });
  }

  async load(files: DatasetFiles, choices: ReadChoices = {}): Promise<DatasetSummary> {
    const reading = new AbortController();
    this.reading = reading;
    try {
      const opened = await openDataset(files, { ...choices, ...this.readOptions(), signal: reading.signal });
      return this.use({ ...opened, origin: { kind: 'files', files, choices } });
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }

  /** What `read` brings, prepared as it says. Ended by `cancel` like the reading of a file. */
  async loadFrom(
    read: (options: ReadOptions) => Promise<{ opened: OpenedDataset } & Pick<Preparation, 'mapping'> & Partial<Preparation>>,
  ): Promise<DatasetSummary> {
    const reading = new AbortController();
    this.reading = reading;
    try {
      const { opened, mapping, split, cleaning } = await read({ ...this.readOptions(), signal: reading.signal });
      return this.keep(Dataset.create(opened, mapping, split, cleaning));
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }

  /** Ends the reading, the change and the counting of tokens under way with data/cancelled. */
  cancel(): void {
    const message = 'Reading the data was stopped, as you asked.';
    const stopped = new TuneletError('data/cancelled', message, 'Choose the file again, or another.');
    this.reading?.abort(stopped);
    this.changing?.abort(stopped);
    this.tokenising?.abort(stopped);
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

  async map(mapping: ColumnMapping): Promise<DatasetSummary> {
    if (this.unmapped) return this.keep(Dataset.create(this.unmapped, mapping));
    return this.change({ mapping });
  }

  async clean(cleaning: CleaningSettings): Promise<DatasetSummary> {
    checkCleaning(cleaning);
    return this.change({ cleaning });
  }

  async split(splitOptions: Partial<SplitOptions>): Promise<DatasetSummary> {
    return this.change({ splitOptions });
  }

  /** The dataset before stays until the change is made. Throws data/cancelled after `cancel`, and where newer data or another change came. */
  private async change(change: DatasetChange): Promise<DatasetSummary> {
    this.changing?.abort(overtaken());
    const changing = new AbortController();
    this.changing = changing;
    const isDue = pacer();
    let isSaid = false;
    try {
      const dataset = await this.current.changed(change, {
        signal: changing.signal,
        onProgress: (progress) => {
          const isDone = progress.texts === progress.totalTexts;
          if (isDone ? !isSaid : !isDue()) return;
          isSaid = true;
          this.emit({ kind: 'change-progress', ...progress });
        },
      });
      changing.signal.throwIfAborted();
      return this.keep(dataset);
    } finally {
      if (this.changing === changing) this.changing = null;
    }
  }

  /** The same rows prepared in another way, in a room of their own. Throws what `map`, `clean` and `split` throw, and the signal's reason. */
  async prepared({ mapping, cleaning, split }: Preparation, signal: AbortSignal): Promise<DatasetRoom> {
    const change = { mapping, cleaning, splitOptions: split };
    const room = new DatasetRoom(() => undefined);
    room.keep(await this.current.changed(change, { signal, onProgress: () => undefined }));
    return room;
  }

  get isEmpty(): boolean {
    return this.dataset === null;
  }

  /** What each step of cleaning does; null where it was asked for again meanwhile. */
  async cleaningReport(): Promise<CleaningReport | null> {
    return this.looks.cleaningReport(this.current);
  }

  /** Rows that match; null where another search took its place. */
  async browse(query: BrowseQuery, model: ChosenModel | null): Promise<BrowsedRows | null> {
    return this.looks.browse(this.current, query, { lengths: this.lengths, tokenizer: model?.tokenizer ?? null });
  }

  async browsedRows(query: BrowseQuery): Promise<Archive> {
    return this.looks.browsedRows(this.current, query, this.lengths);
  }

  /** Once the texts are tokenised. */
  private get lengths(): EncodedDataset | null {
    return this.encodedNow && this.encodedNow.dataset === this.dataset ? this.encodedNow.encoded : null;
  }

  /** Throws 'run/not-ready' where there is none. */
  get current(): Dataset {
    if (this.dataset) return this.dataset;
    throw new TuneletError('run/not-ready', 'There is no dataset yet.', 'Drop a CSV file or use the sample.');
  }

  /** The current dataset as the settings' task has it, classes in the order of `labels`. Throws what `PromptTask.create` throws, and what `requireKnownTexts` does. */
  async task(model: ChosenModel, labels: readonly string[], settings: TrainingSettings): Promise<RunTask> {
    const dataset = this.current;
    requireKnownTexts(model, dataset);
    if (settings.task === 'text') return this.textTask(model, settings);
    if (settings.task === 'head') return new HeadTask(model, await this.encode(model, labels), labels);
    const { systemText, promptTemplate, useChatFormat, labelWords, maxLength } = settings;
    const key = JSON.stringify([labels, systemText, promptTemplate, useChatFormat, labelWords, maxLength]);
    return this.prompted.get({ dataset, model, key }, () => PromptTask.create(model, dataset, labels, settings, this.counting()));
  }

  /** Plain text in blocks. Throws what `TextTask.create` throws. */
  async textTask(model: ChosenModel, settings: TrainingSettings): Promise<TextTask> {
    const dataset = this.current;
    const key = String(settings.maxLength);
    return this.blocks.get({ dataset, model, key }, () => TextTask.create(model, dataset, settings, this.counting()));
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
      const texts = EncodedDataset.encode(dataset, model.tokenizer, model.base.positions, this.counting());
      const encoding = { dataset, model, texts };
      this.encoded = encoding;
      texts.then(
        (encoded) => (this.encodedNow = { dataset, encoded }),
        // Whoever asked for the texts hears of it; the next who asks begins anew.
        () => {
          if (this.encoded === encoding) this.encoded = null;
        },
      );
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
    this.changing?.abort(overtaken());
    this.changing = null;
    this.dataset = dataset;
    this.unmapped = null;
    this.looks.forget();
    this.encodedNow = null;
    this.prompted.clear();
    this.blocks.clear();
    this.onUse(dataset);
    return dataset.summary();
  }

  private readOptions(): Pick<ReadOptions, 'onProgress'> {
    const isDue = pacer();
    return { onProgress: (progress) => void (isDue() && this.emit({ kind: 'dataset-progress', ...progress })) };
  }

  /** A count of tokens that begins: it is told aloud, and `cancel` ends it. */
  private counting(): CountingOptions {
    const isDue = pacer();
    const tokenising = new AbortController();
    this.tokenising = tokenising;
    return {
      signal: tokenising.signal,
      onProgress: (progress) =>
        void ((isDue() || progress.texts === progress.totalTexts) && this.emit({ kind: 'tokenise-progress', ...progress })),
    };
  }
}

function overtaken(): TuneletError {
  return new TuneletError(
    'data/cancelled',
    'Another change of the data took the place of this one.',
    'Make it again if it is still wanted.',
  );
}
