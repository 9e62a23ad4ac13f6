import type { ColumnMapping, DatasetFiles, DatasetSummary, SplitOptions, TokenStatistics } from './dataset';
import type { TrainerEvent } from './events';
import type { ModelSource, ModelSummary } from './model';
import type { AdapterSummary, CellQuery, ClassifiedText, Prediction, ResultLogits, RunResult } from './results';
import type { TrainingSettings } from './settings';

export type DevicePreference = 'auto' | 'webgpu' | 'wasm';

export interface DeviceReport {
  executor: 'webgpu' | 'wasm';
  /** "WebGPU, Apple M2" or "Processor, 2 threads". */
  label: string;
  /** Why the run is slower than it could be, in friendly words, or null. */
  notice: string | null;
}

/** What a run with these settings will cost; every figure is computed, none is a guess but `seconds`. */
export interface RunPlan {
  tokens: TokenStatistics;
  trainRows: number;
  /** Tokens of one epoch after truncation, no padding. */
  tokensPerEpoch: number;
  stepsPerEpoch: number;
  totalSteps: number;
  evaluations: number;
  trainableParameters: number;
  adapterBytes: number;
  /** Buffers on the GPU, or heap of the processor's executor; null before the model is known. */
  memoryBytes: number | null;
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
  connect(listener: (event: TrainerEvent) => void, preference: DevicePreference, baseUrl: string): Promise<DeviceReport>;

  loadSample(): Promise<DatasetSummary>;
  loadDataset(files: DatasetFiles): Promise<DatasetSummary>;
  mapColumns(mapping: ColumnMapping): Promise<DatasetSummary>;
  splitDataset(options: SplitOptions): Promise<DatasetSummary>;

  /** Reads config, tokenizer and the weights' header; weights themselves load when a run first needs them. */
  chooseModel(source: ModelSource): Promise<ModelSummary>;
  /** Needs dataset and model. */
  planRun(settings: TrainingSettings): Promise<RunPlan>;

  /** Trains; news comes as events. Resolves with the result when the run ends by itself or by `stop`. */
  start(settings: TrainingSettings, from: 'fresh' | 'adapter'): Promise<RunResult>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run after the step under way and keeps what is trained. */
  stop(): Promise<void>;

  /** The texts behind one cell of the result's confusion matrices, surest first. */
  textsOfCell(cell: CellQuery): Promise<ClassifiedText[]>;
  /** Both models' logits on the texts that the result was judged on. */
  logitsOfResult(): Promise<ResultLogits>;
  /** Both models on one text; needs a result. */
  predict(text: string): Promise<Prediction>;

  /** Zip: adapter_config.json, adapter_model.safetensors, README.md, tokenizer files, training_log.json. */
  exportAdapter(): Promise<Archive>;
  /** The base model's files, for a base that is on no hub. */
  exportBase(): Promise<Archive>;
  /** A downloaded zip, or its files. Needs the model it fits. */
  importAdapter(files: File[]): Promise<AdapterSummary>;
  /** Names for an imported adapter that came without them. */
  nameLabels(labels: string[]): Promise<AdapterSummary>;
  /** Evaluates the imported adapter on the dataset's test split (else validation). */
  evaluateAdapter(): Promise<RunResult>;
}
