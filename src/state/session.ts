import { createStore } from 'zustand/vanilla';
import type { DatasetFiles, DatasetSummary, ReadChoices } from '../../workers/api/dataset';
import type { ErrorReport } from '../../workers/api/errors';
import type { ModelSource, ModelSummary } from '../../workers/api/model';
import type { AdapterSummary } from '../../workers/api/results';
import type { DevicePreference, DeviceReport } from '../../workers/api/device';
import type { RunPlan } from '../../workers/api/trainerApi';

export interface ByteProgress {
  file: string;
  loadedBytes: number;
  totalBytes: number;
}

/** A file that could not be read; the dataset before it is still in the worker. */
export interface DatasetFailure {
  file: string;
  /** Null for the sample. */
  files: DatasetFiles | null;
  /** How it was to be read. */
  choices: ReadChoices;
  sizeBytes: number | null;
  report: ErrorReport;
}

/** What the worker has told the page outside of a run. */
export interface SessionState {
  preference: DevicePreference;
  device: DeviceReport | null;
  deviceError: ErrorReport | null;

  dataset: DatasetSummary | null;
  /** Files behind `dataset`; null for the sample. Kept so that a validation file can join and a new worker can read them again. */
  datasetFiles: DatasetFiles | null;
  /** How those were read. */
  readChoices: ReadChoices;
  /** Validation and test files that came before their training file. */
  heldFiles: Omit<DatasetFiles, 'train'>;
  datasetLoading: (ByteProgress & { rows: number }) | null;
  /** Texts looked at of those that a change of columns, cleaning or split takes, where it takes long. */
  changing: { texts: number; totalTexts: number } | null;
  /** Texts that the model's tokenizer has read of those there are, while it does. */
  tokenising: { texts: number; totalTexts: number } | null;
  datasetError: DatasetFailure | null;
  /** Columns or shares that the worker refused; the mapping before them still holds. */
  mappingError: ErrorReport | null;

  model: ModelSummary | null;
  modelSource: ModelSource | null;
  /** Which of the ways to a model the page has open. */
  modelWay: ModelSource['kind'];
  /** `file` is the model's name until the worker names a file. */
  modelLoading: ByteProgress | null;
  modelError: ErrorReport | null;

  plan: RunPlan | null;
  planPending: boolean;
  planError: ErrorReport | null;

  adapter: AdapterSummary | null;
  adapterLoading: boolean;
  adapterError: ErrorReport | null;

  /** An imported adapter is being evaluated. */
  evaluating: boolean;
  runError: ErrorReport | null;
  /** News that came while no run was under way. */
  notices: readonly string[];
  /** Said by the live region. */
  announcement: string;
}

/** What a new worker is given so that it stands where another stood. */
export type WorkerContent = Pick<SessionState, 'dataset' | 'datasetFiles' | 'readChoices' | 'modelSource'>;

export function contentOfWorker(): WorkerContent {
  const { dataset, datasetFiles, readChoices, modelSource } = sessionStore.getState();
  return { dataset, datasetFiles, readChoices, modelSource };
}

export const emptySession: SessionState = {
  preference: 'auto',
  device: null,
  deviceError: null,
  dataset: null,
  datasetFiles: null,
  readChoices: {},
  heldFiles: {},
  datasetLoading: null,
  changing: null,
  tokenising: null,
  datasetError: null,
  mappingError: null,
  model: null,
  modelSource: null,
  modelWay: 'embedded',
  modelLoading: null,
  modelError: null,
  plan: null,
  planPending: false,
  planError: null,
  adapter: null,
  adapterLoading: false,
  adapterError: null,
  evaluating: false,
  runError: null,
  notices: [],
  announcement: '',
};

export const sessionStore = createStore<SessionState>(() => emptySession);

/** Lets screen readers say a change of state. */
export function announce(announcement: string): void {
  sessionStore.setState({ announcement });
}

export function dismissRunError(): void {
  sessionStore.setState({ runError: null });
}

export function addNotice(notice: string): void {
  sessionStore.setState(({ notices }) => ({ notices: [...notices.filter((kept) => kept !== notice), notice].slice(-5) }));
}

export function dismissNotice(notice: string): void {
  sessionStore.setState((state) => ({ notices: state.notices.filter((kept) => kept !== notice) }));
}
