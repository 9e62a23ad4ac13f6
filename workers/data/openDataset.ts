import type { SplitName, SplitOptions } from '../api/dataset';
import type { HubDatasetChoice } from '../api/hubDataset';
import type { DatasetOrigin } from '../api/keptDataset';
import type { ReadOptions } from './decode';
import { guessColumns, type ColumnsGuess } from './guessColumns';
import { readFile } from './readFile';
import type { NamedBlob } from './source/byteSource';
import type { Table } from './table';

/** Files read and columns guessed. It stays good when a mapping does not: the user can choose other columns. */
export interface OpenedDataset {
  name: string;
  attribution: string | null;
  /** What of the Hub it was taken from. */
  hub?: HubDatasetChoice;
  /** How it can be read again; what has none is not kept for the next visit. */
  origin?: DatasetOrigin;
  /** The table to train on, and those that come as validation and test. */
  tables: { train: Table; validation?: Table; test?: Table };
  guess: ColumnsGuess;
}

/**
 * Reads the files one after the other. An archive may bring its own validation and test tables; files given for them come first. `name`
 * and `attribution` are for a dataset that is not the user's own file. Throws what `readFile` throws.
 */
export async function openDataset(
  files: { train: NamedBlob; validation?: NamedBlob; test?: NamedBlob; furtherParts?: Partial<Record<SplitName, NamedBlob[]>> },
  options: ReadOptions & { name?: string; attribution?: string } = {},
): Promise<OpenedDataset> {
  const { train, validation, test, furtherParts = {} } = files;
  const tables: OpenedDataset['tables'] = await readFile(train, options, furtherParts.train);
  if (validation) tables.validation = (await readFile(validation, options, furtherParts.validation)).train;
  if (test) tables.test = (await readFile(test, options, furtherParts.test)).train;
  return {
    name: options.name ?? files.train.name,
    attribution: options.attribution ?? null,
    tables,
    guess: guessColumns(tables.train),
  };
}

/** A tenth for validation and, where only one file is given, a tenth for test. */
export function defaultSplitOptions(opened: OpenedDataset): SplitOptions {
  const { validation, test } = opened.tables;
  const alone = validation === undefined && test === undefined;
  return {
    seed: 42,
    method: validation === undefined ? 'ratio' : 'given',
    validationShare: 0.1,
    testShare: alone ? 0.1 : 0,
    stratified: true,
    rowsPerClass: { train: 100, validation: 20, test: 20 },
    groupColumn: null,
    sameTextTogether: false,
  };
}
