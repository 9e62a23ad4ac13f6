import type { StorageUse } from './hub';

/** A dataset of the Hugging Face Hub. */
export interface HubDatasetReference {
  /** "owner/name", or the address of its page. */
  id: string;
  /** One of its configurations; where it is left out "default", else the first. */
  config?: string;
}

export interface HubFeature {
  name: string;
  /** "string", "int64", "class" or what else the Hub calls it. */
  type: string;
  /** Of a column of classes: their names, by the integer that stands in the rows. */
  classNames: string[] | null;
}

/** One part of a dataset as the Hub has it. */
export interface HubDatasetSplit {
  name: string;
  /** Null where the Hub does not tell. */
  rows: number | null;
  /** Of its Parquet files; null where there are none and rows come a hundred at a time. */
  sizeBytes: number | null;
  keptBytes: number;
  /** The Hub has converted only its beginning. */
  isPartial: boolean;
  /** Columns of classes in which none of the first rows has a label, as in a test set whose labels are kept secret. */
  unlabelled: string[];
}

/** What a dataset has, before any of its rows is downloaded. */
export interface HubDatasetPlan {
  id: string;
  config: string;
  configs: string[];
  features: HubFeature[];
  splits: HubDatasetSplit[];
  /** The first rows of the first split, cells as text, in the order of `features`. */
  preview: string[][];
  /** As the dataset's page states. */
  licence: string | null;
  /** Its owners grant access on its page. */
  isGated: boolean;
  /** The Hub did not answer, so this is what is kept on the device. */
  isFromDevice: boolean;
  /** Null where the browser lets the page keep nothing. */
  storage: StorageUse | null;
}

/** Which rows a smaller number of them is. */
export type RowChoice = 'spread' | 'first';

/** What of a dataset is to be read, and as what. */
export interface HubDatasetChoice {
  id: string;
  config: string;
  /** Names of the Hub's splits; null: there is none. */
  splits: { train: string; validation: string | null; test: string | null };
  text: string;
  /** Empty: there are no labels. */
  label: string;
  /** At most so many of each split; null: all. */
  rows: number | null;
  choose: RowChoice;
}

/** Rows of a dataset on their way to this device. */
export interface DatasetDownload {
  id: string;
  /** Parquet files are counted in bytes, pages of rows in rows. */
  unit: 'bytes' | 'rows';
  loaded: number;
  total: number;
  /** Null until a second is measured. */
  perSecond: number | null;
  secondsLeft: number | null;
}

/** A dataset kept on the device, whole or in part. */
export interface KeptDataset {
  id: string;
  config: string;
  keptBytes: number;
  /** Milliseconds since 1970. */
  lastUsedMs: number;
}

/** More Parquet than this is not downloaded: a tab could not hold its rows. */
export const mostParquetBytes = 1024 ** 3;
/** A few rows of large files come by themselves, a hundred at a time, instead of the files. */
const mostPagedRows = 5000;
const leastBytesSaved = 32 * 1024 ** 2;

/** How rows of a split come: its files whole, or pages of a hundred rows. */
export function wayOf(split: Pick<HubDatasetSplit, 'rows' | 'sizeBytes'>, wanted: number | null): 'files' | 'pages' {
  if (split.sizeBytes === null) return 'pages';
  const isPart = wanted !== null && (split.rows === null || wanted < split.rows);
  return isPart && wanted <= mostPagedRows && split.sizeBytes >= leastBytesSaved ? 'pages' : 'files';
}

/** What a choice takes before it is read. */
export interface DatasetCost {
  /** Null where the Hub does not tell. */
  rows: number | null;
  /** Of Parquet files that are not on the device. */
  missingBytes: number;
  /** Of a hundred rows each; null where the Hub does not tell. */
  pages: number | null;
}

export function costOf(plan: Pick<HubDatasetPlan, 'splits'>, choice: Pick<HubDatasetChoice, 'splits' | 'rows'>): DatasetCost {
  const { splits, rows: wanted } = choice;
  const names = [splits.train, splits.validation, splits.test];
  const cost: DatasetCost = { rows: 0, missingBytes: 0, pages: 0 };
  for (const split of plan.splits.filter(({ name }) => names.includes(name))) {
    const rows = split.rows === null ? wanted : Math.min(split.rows, wanted ?? split.rows);
    cost.rows = addKnown(cost.rows, rows);
    if (wayOf(split, wanted) === 'pages') cost.pages = addKnown(cost.pages, rows === null ? null : Math.ceil(rows / 100));
    else cost.missingBytes += (split.sizeBytes ?? 0) - split.keptBytes;
  }
  return cost;
}

function addKnown(sum: number | null, count: number | null): number | null {
  return sum === null || count === null ? null : sum + count;
}

/** Which of the Hub's splits is for what, told by names and by which has labels. Null where there is no split. */
export function usualSplits(plan: Pick<HubDatasetPlan, 'splits'>, label: string): HubDatasetChoice['splits'] | null {
  const labelled = plan.splits.filter(({ unlabelled }) => !unlabelled.includes(label)).map(({ name }) => name);
  const train = labelled.find((name) => name === 'train') ?? labelled.find((name) => name.startsWith('train')) ?? labelled[0];
  if (train === undefined) return null;
  const others = labelled.filter((name) => name !== train);
  const test = others.find((name) => name.startsWith('test')) ?? null;
  const validation = others.find((name) => /^(validation|valid|val|dev|eval)/.test(name)) ?? null;
  // A test set without labels judges nothing; the validation set then does, and rows to validate with come from the training set.
  return test === null ? { train, validation: null, test: validation } : { train, validation, test };
}

/** The text and label columns that a dataset's features suggest; empty where none does. */
export function usualColumns(features: readonly HubFeature[]): { text: string; label: string } {
  const ofClasses = features.filter(({ classNames }) => classNames !== null);
  const label =
    ofClasses.find(({ name }) => /^labels?$/i.test(name)) ?? ofClasses[0] ?? features.find(({ name }) => name === 'label');
  const texts = features.filter(({ name, type }) =>
    type === 'string' || type === 'large_string' ? name !== label?.name : false,
  );
  const named = ['text', 'sentence', 'content', 'review', 'tweet'];
  const text =
    named.map((name) => texts.find((feature) => feature.name === name)).find((found) => found !== undefined) ?? texts[0];
  return { text: text?.name ?? '', label: label?.name ?? '' };
}
