import type { DatasetFiles, DatasetSummary, ReadChoices } from './dataset';
import type { ErrorReport } from './errors';
import type { HubDatasetChoice } from './hubDataset';

/** Where the rows of a dataset come from, so that they can be read again. */
export type DatasetOrigin =
  { kind: 'sample' } | { kind: 'files'; files: DatasetFiles; choices: ReadChoices } | { kind: 'hub'; choice: HubDatasetChoice };

/** Most bytes of dropped files that are kept for the next visit. */
export const mostKeptBytes = 512 * 1024 * 1024;

/** Whether the dataset in use would be there after a reload. */
export type DatasetKeeping =
  /** The user does not want it. */
  | { state: 'off' }
  /** There is no dataset yet. */
  | { state: 'empty' }
  | { state: 'writing'; name: string }
  /** `sizeBytes`: of the copies; none of the sample and of the Hub’s datasets, of which the page keeps the name. */
  | { state: 'kept'; name: string; sizeBytes: number }
  /** The dataset itself can be used all the same. */
  | { state: 'failed'; name: string; report: ErrorReport };

/** A kept dataset, read again. */
export interface RestoredDataset {
  dataset: DatasetSummary;
  /** The kept copies under the names that the files had; null for the sample and for one of the Hub. */
  files: DatasetFiles | null;
  choices: ReadChoices;
}
