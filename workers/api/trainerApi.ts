import type { ErrorReport } from './errors';
import type { ColumnMapping, DatasetFiles, DatasetReport, DatasetSummary, ReadChoices, SplitOptions, TokenStatistics } from './dataset'; // prettier-ignore
import type { BrowsedRows, BrowseQuery } from './browse';
import type { CardEdit, CardKind } from './card';
import type { CleaningReport, CleaningSettings } from './cleaning';
import type { WayOn } from './deviceWait';
import type { ConnectOptions, DevicePreference, DeviceReport } from './device';
import type { TrainerEvent } from './events';
import type { FirstBatch } from './firstBatch';
import type { HubModelPlan, HubModelReference, HubSearch, KeptModel, KeptModels } from './hub';
import type { HubDatasetChoice, HubDatasetPlan, HubDatasetReference, KeptDataset } from './hubDataset';
import type { RestoredDataset } from './keptDataset';
import type { KeptLabelling, LabelledTable, LabellingRequest, UnlabelledFile, UnlabelledTable, UnsureQuery, UnsureRows } from './labelling'; // prettier-ignore
import type { MemoryEstimate, MemoryProblem, RunGrants, RunMemory } from './memory';
import type { ModelSource, ModelSummary } from './model';
import type { PaceEstimate } from './pace';
import type { HubAccount, Pushed, PushOrder, PushPlan } from './push';
import type { RowPreview, ShownPrompt } from './preview';
import type { AdapterSummary, CellQuery, ClassifiedText, Generation, GenerationRequest, Prediction, ResultLogits, RunResult, TypedText } from './results'; // prettier-ignore
import type { DisagreementQuery, Disagreements, ImportedRuns, KeptRuns, RunComparison, RunCourse } from './runs';
import type { TaskName, TrainingSettings } from './settings';
import type { ResumableRun } from './resumable';
import type { SliceChoice, SliceQuery, SlicesReport } from './slices';

/** What can be taken away for transformers (safetensors) and for llama.cpp (GGUF); 'gguf-base' is what 'gguf-adapter' adds to. */
export type ModelFormat = 'float16' | 'float32' | 'gguf-f16' | 'gguf-q8_0' | 'gguf-adapter' | 'gguf-base';

/** How a model is to be written. */
export interface MergedExport {
  type: ModelFormat;
  /** The user's own file, or null for one that the page then offers as a download. */
  file: FileSystemFileHandle | null;
}

/**
 * What another machine is to go on from: a run with these settings as it would begin now, afresh or with the imported adapter; or the run
 * of the result, from its first step or with what it has learnt.
 */
export type ClusterStart =
  { of: 'plan'; settings: TrainingSettings; from: 'fresh' | 'adapter' } | { of: 'result'; adapter: 'initial' | 'tuned' };

/** Lines that use a download, filled in with the run's names. */
export interface UsageLines {
  /** 'llama-cpp-python': a package for Python. */
  tool: 'PEFT' | 'transformers' | 'llama.cpp' | 'llama-cpp-python' | 'Ollama';
  text: string;
}

/** What can be had of a result in one format. */
export interface ModelDownload {
  type: ModelFormat;
  /** Of the zip. */
  name: string;
  lines: readonly UsageLines[];
  /** What its programs compute otherwise than this page, or null. */
  note: string | null;
  /** Why it cannot be had, or null. */
  refused: ErrorReport | null;
}

/** What a run with these settings will cost; every figure is computed. */
export interface RunPlan {
  task: TaskName;
  tokens: TokenStatistics;
  trainRows: number;
  /** Tokens of one epoch after truncation, no padding. */
  tokensPerEpoch: number;
  /** What is predicted in them: tokens that carry loss, or with a head one class a text. */
  targetsPerEpoch: number;
  stepsPerEpoch: number;
  totalSteps: number;
  evaluations: number;
  trainableParameters: number;
  adapterBytes: number;
  /** What activations are held in. */
  precision: 'float16' | 'float32';
  /** Why that is not what fp16 asks for, in friendly words, or null. */
  precisionNotice: string | null;
  memory: RunMemory;
  /** What becomes of `gradient_checkpointing`; `insteadOfBytes`: what the run needs without it, where it is on by itself. */
  gradientCheckpointing: { isOn: boolean; insteadOfBytes: number | null };
  /** Null where the run fits. */
  memoryProblem: MemoryProblem | null;
}

export interface Archive {
  name: string;
  blob: Blob;
}

/**
 * The one object the page talks to; it lives in a Web Worker. Each method rejects with a TuneletError and
 * leaves everything as it was when it does.
 */
export interface TrainerApi {
  /** Registers the listener for events and finds the device. Called once, first. `baseUrl`: the page's folder, where its public files are. */
  connect(
    listener: (event: TrainerEvent) => void,
    preference: DevicePreference,
    baseUrl: string,
    options?: ConnectOptions,
  ): Promise<DeviceReport>;

  /** Answers, and nothing else. */
  ping(): Promise<void>;

  loadSample(): Promise<DatasetSummary>;
  /** Rejects with 'data/cancelled' after `cancelDataset`. */
  loadDataset(files: DatasetFiles, choices?: ReadChoices): Promise<DatasetSummary>;
  /** What a dataset of the Hub has and takes, before any of its rows is downloaded; what is kept on the device where the Hub does not answer. */
  inspectHubDataset(dataset: HubDatasetReference): Promise<HubDatasetPlan>;
  /** Downloads what is missing and reads it; news comes as events. Throws 'hub/…', 'storage/…', 'data/…'; 'data/cancelled' after `cancelDataset`. */
  loadHubDataset(choice: HubDatasetChoice): Promise<DatasetSummary>;
  listKeptDatasets(): Promise<KeptDataset[]>;
  deleteKeptDataset(dataset: Pick<KeptDataset, 'id' | 'config'>): Promise<KeptDataset[]>;
  /** Whether the dataset in use, and those after it, are kept on this device for the next visit; off deletes what is kept. News comes as events. */
  keepDataset(isWanted: boolean): Promise<void>;
  /**
   * Reads the kept dataset again, prepared as it was; null where none is kept. Rejects with 'data/kept-damaged' or
   * 'data/kept-version', and then it is forgotten; with what `loadDataset` and `loadHubDataset` throw.
   */
  restoreDataset(): Promise<RestoredDataset | null>;
  /** Ends the reading of a file, the change of the dataset and the counting of tokens that are under way with 'data/cancelled'; the dataset before stays. */
  cancelDataset(): Promise<void>;
  /** The dataset in figures, with a hash of its rows. */
  describeDataset(): Promise<DatasetReport>;
  /** A CSV of the rows left out: file, row, reason, beginning. */
  skippedRows(): Promise<Archive>;
  mapColumns(mapping: ColumnMapping): Promise<DatasetSummary>;
  /** Throws settings/invalid, and what `mapColumns` throws where cleaning leaves too little. */
  cleanDataset(cleaning: CleaningSettings): Promise<DatasetSummary>;
  /** What each step of cleaning does or would do; null where a newer question took the place of this one. */
  cleaningReport(): Promise<CleaningReport | null>;
  /** Changes the split in what is given. */
  splitDataset(options: Partial<SplitOptions>): Promise<DatasetSummary>;
  /** What a run with these settings would begin with. Throws what `planRun` throws. */
  firstBatch(settings: TrainingSettings): Promise<FirstBatch>;
  /** Rows to look at; null where a newer search took the place of this one. */
  browse(query: BrowseQuery): Promise<BrowsedRows | null>;
  /** All rows that match, as CSV. */
  browsedRows(query: BrowseQuery): Promise<Archive>;

  /** Models of the Hub by words or an id; the search before it is ended and rejects. Throws 'hub/…'. */
  searchHub(words: string): Promise<HubSearch>;
  /** What a model of the Hub takes, before any of it is downloaded; what is kept on the device where the Hub does not answer. */
  inspectHubModel(model: HubModelReference): Promise<HubModelPlan>;
  /** Downloads what is missing; news comes as events. A run does so by itself. Throws 'hub/…', 'hub/cancelled' or 'storage/…'. */
  downloadHubModel(model: HubModelReference): Promise<HubModelPlan>;
  /** What came of the weights under way stays, and the next download goes on with it. */
  cancelDownload(): Promise<void>;
  listKeptModels(): Promise<KeptModels>;
  deleteKeptModel(model: Pick<KeptModel, 'id' | 'commit' | 'file'>): Promise<KeptModels>;
  /** For gated and private models. It stays in memory, goes to the Hub alone, and null forgets it. */
  setHubToken(token: string | null): Promise<void>;

  /** Reads config, tokenizer and the weights' header; weights themselves load when a run first needs them. */
  chooseModel(source: ModelSource): Promise<ModelSummary>;
  /** A training text as the model sees it, or a block of plain text; `row` from 1. Needs dataset and model. Throws 'settings/invalid'. */
  previewRow(settings: TrainingSettings, row: number): Promise<RowPreview>;
  /** Needs dataset and model. */
  planRun(settings: TrainingSettings, grants: RunGrants): Promise<RunPlan>;

  /**
   * How fast such a run would train here: from runs before it, else from a trial of a few of its steps, which takes some two seconds and
   * ends at once when a run starts or a newer question comes. Null where it is not known. Throws what `planRun` throws.
   */
  estimatePace(settings: TrainingSettings, grants: RunGrants): Promise<PaceEstimate | null>;

  /** Needs a model. For each way to store frozen weights what `planRun` computes. */
  estimateMemory(settings: TrainingSettings, grants: RunGrants): Promise<MemoryEstimate>;

  /**
   * Trains; news comes as events. Resolves with the result when the run ends by itself or by `stop`. Throws 'run/too-much-memory',
   * and 'run/stopped' where `stop` came before the first step, so that there is nothing to judge.
   */
  start(settings: TrainingSettings, from: 'fresh' | 'adapter', grants: RunGrants): Promise<RunResult>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Ends the run after the step or the evaluation under way and keeps what is trained. While the base model is evaluated it ends the
   * run at once; while the models write free answers it ends the writing, and what both have answered counts.
   */
  stop(): Promise<void>;
  /** While a run waits for its graphics device: how it goes on. `device`: tries at once. Does nothing otherwise. */
  goOn(way: WayOn): Promise<void>;
  /**
   * What the run under way has learnt, as `exportAdapter` packs it: the best evaluated step of the last state kept. Throws 'run/not-ready'
   * before the first.
   */
  exportSoFar(): Promise<Archive>;

  /**
   * The run that was not finished, if any, and whether it could go on with what is chosen now. Throws 'checkpoint/damaged' or
   * 'checkpoint/version' where there is one that cannot be read; `discardRun` is rid of it.
   */
  resumableRun(): Promise<ResumableRun | null>;
  /**
   * Goes on with that run as `start` would have; what it told the page before comes as events again. Throws 'checkpoint/other-data' or
   * 'checkpoint/other-model' where another dataset or model is chosen, 'checkpoint/none', and what `start` throws.
   */
  resumeRun(grants: RunGrants): Promise<RunResult>;
  /** Forgets that run. Does nothing where there is none. */
  discardRun(): Promise<void>;
  /** Saves the run under way as it is after the step under way; resolves when that is done, at once where there is none. */
  checkpointNow(): Promise<void>;

  /** The texts behind one cell of the result's confusion matrices, surest first. */
  textsOfCell(cell: CellQuery): Promise<ClassifiedText[]>;
  /** Both models' logits on the texts that the result was judged on. */
  logitsOfResult(): Promise<ResultLogits>;
  /** Both models' figures on parts of those texts. Throws 'data/bad-slice' for bands or rules that cannot be. */
  slices(query: SliceQuery): Promise<SlicesReport>;
  /** The texts of one slice that the tuned model reads wrong, surest first. */
  textsOfSlice(choice: SliceChoice): Promise<ClassifiedText[]>;
  /** Both models on one text; needs a result. */
  predict(text: TypedText): Promise<Prediction>;

  /** The prompt that both models are given for a text. Needs a prompted run's result, or one of plain text. */
  showPrompt(text: TypedText): Promise<ShownPrompt>;
  /** Both models write after the same prompt, in turns; what they write comes as events. Needs a prompted run's result. */
  generate(request: GenerationRequest): Promise<Generation>;
  /** Ends what is being written; what there is stays. */
  stopGeneration(): Promise<void>;

  /** README.md as it is written from the run, with these slices. */
  modelCard(kind: CardKind, slices: SliceQuery): Promise<string>;
  /** Zip: adapter_config.json, adapter_model.safetensors, README.md with these slices or `card`, tokenizer files, training_log.json. */
  exportAdapter(slices: SliceQuery, card?: CardEdit): Promise<Archive>;
  /**
   * Base, adapter and head as one model: a zip of a folder for transformers' `from_pretrained`, with these slices in its card or with `card`, or
   * of one for llama.cpp and Ollama; or the adapter for llama.cpp. Its bytes come
   * from the base's own files, which are read once more; news comes as events. Null where it was written into `file`.
   * Throws 'export/unsupported' for what llama.cpp has no place for, 'export/cancelled' after `cancelExport`, 'storage/quota', 'model/too-large' for a number that float16 does not hold.
   */
  exportMerged(merged: MergedExport, slices: SliceQuery, card?: CardEdit): Promise<Archive | null>;
  /** Every format, with the lines that use it. Needs the base model chosen. */
  modelDownloads(): Promise<ModelDownload[]>;
  /**
   * A zip of a folder in which `accelerate launch train.py` goes on with a run: splits, adapter, run.json and the program, and the base
   * where it is on no hub. Whether it fits this device does not matter. Throws what `planRun` throws, 'run/not-ready', 'session/busy',
   * 'export/cancelled' after `cancelExport`, 'storage/quota'.
   */
  exportCluster(start: ClusterStart): Promise<Archive>;
  cancelExport(): Promise<void>;
  /** The base model's files, for a base that is on no hub. */
  exportBase(): Promise<Archive>;

  /** Whose token `setHubToken` gave. Throws 'hub/forbidden' without one or for one that the Hub does not know, 'hub/…'. */
  hubAccount(): Promise<HubAccount>;
  /** What `push` would do; nothing is sent. Throws 'settings/invalid' for a name that cannot be, 'hub/…'. */
  planPush(order: PushOrder): Promise<PushPlan>;
  /** Puts a result into a repository as one commit; news comes as events. Throws 'export/cancelled' after `cancelPush`, 'hub/…', 'storage/quota'. */
  push(order: PushOrder): Promise<Pushed>;
  cancelPush(): Promise<void>;
  /** A downloaded zip, or its files. Needs the model it fits. */
  importAdapter(files: File[]): Promise<AdapterSummary>;
  /** Names for an imported adapter that came without them. */
  nameLabels(labels: string[]): Promise<AdapterSummary>;
  /** Evaluates the imported adapter on the dataset's test split (else validation). */
  evaluateAdapter(): Promise<RunResult>;

  /**
   * Reads a table whose rows want labels into the browser's private storage; one there before goes once it is read. Throws 'data/…', 'storage/…', and
   * 'data/cancelled' after `cancelLabelling`.
   */
  openUnlabelled(file: UnlabelledFile): Promise<UnlabelledTable>;
  /**
   * Gives each row of that table its class, from the first row on; news comes as events. Resolves also where `cancelLabelling` stopped it.
   * Needs a result by classes, or an imported adapter with classes. Throws 'run/not-ready', 'data/missing-column', 'storage/quota'.
   */
  labelTable(request: LabellingRequest): Promise<LabelledTable>;
  /** Goes on at the row where labelling stood, in this visit or an earlier one. Needs the base model that it began with. */
  resumeLabelling(): Promise<LabelledTable>;
  /** What is labelled stays. Does nothing where nothing is read or labelled. */
  cancelLabelling(): Promise<void>;
  /** What is on this device of a table that was opened or labelled. Throws 'data/kept-damaged'. */
  keptLabelling(): Promise<KeptLabelling | null>;
  discardLabelling(): Promise<void>;
  /** Rows of the labelled table that want a look. */
  unsureRows(query: UnsureQuery): Promise<UnsureRows>;
  /** The labelled table; with `below` only rows whose label is less sure than so many per cent. */
  labelledFile(below: number | null): Promise<Archive>;

  /** Every run is kept when it ends, until it is deleted. Reads their entries alone. */
  listRuns(): Promise<KeptRuns>;
  /** From here on questions about a result are about this run. Those to its models need its base model chosen. Throws 'runs/…'. */
  openRun(id: string): Promise<RunResult>;
  /** How that run, or another, went. Throws 'runs/…'. */
  courseOfRun(id: string): Promise<RunCourse>;
  renameRun(id: string, name: string): Promise<KeptRuns>;
  deleteRun(id: string): Promise<KeptRuns>;
  /** Takes the run's adapter as `importAdapter` does. Throws 'run/not-ready' where another model is chosen. */
  continueFrom(id: string): Promise<AdapterSummary>;
  adapterOfRun(id: string): Promise<Archive>;
  /** One file that `importRuns` reads, here or on another device. */
  exportRuns(ids: string[]): Promise<Archive>;
  /** All of the file's runs that are not here yet, or none. Throws 'runs/…', 'storage/quota'. */
  importRuns(file: File): Promise<ImportedRuns>;
  compareRuns(a: string, b: string): Promise<RunComparison>;
  /** Texts that the two tuned models read differently. */
  disagreements(query: DisagreementQuery): Promise<Disagreements>;
}
