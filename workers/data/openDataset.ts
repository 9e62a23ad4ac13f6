import type { SplitOptions } from '../api/dataset';
import type { NamedBlob, ReadOptions } from './decode';
import { guessColumns } from './guessColumns';
import type { ColumnsGuess } from './guessColumns';
import { readTable } from './readTable';
import type { Table } from './table';

/** Files read and columns guessed. It stays good when a mapping does not: the user can choose other columns. */
export interface OpenedDataset {
  name: string;
  attribution: string | null;
  /** The file to train on, and those that come as validation and test. */
  tables: { train: Table; validation?: Table; test?: Table };
  guess: ColumnsGuess;
}

/**
 * Reads the files one after the other. `name` and `attribution` are for a dataset that is not the user's own file. Throws what
 * `readTable` throws.
 */
export async function openDataset(
  files: { train: NamedBlob; validation?: NamedBlob; test?: NamedBlob },
  options: ReadOptions & { name?: string; attribution?: string } = {},
): Promise<OpenedDataset> {
  const train = await readTable(files.train, options);
  const tables: OpenedDataset['tables'] = { train };
  if (files.validation) tables.validation = await readTable(files.validation, options);
  if (files.test) tables.test = await readTable(files.test, options);
  return { name: options.name ?? files.train.name, attribution: options.attribution ?? null, tables, guess: guessColumns(train) };
}

/** A tenth for validation and, where only one file is given, a tenth for test. */
export function defaultSplitOptions(opened: OpenedDataset): SplitOptions {
  const alone = opened.tables.validation === undefined && opened.tables.test === undefined;
  return { seed: 42, validationShare: 0.1, testShare: alone ? 0.1 : 0 };
}
