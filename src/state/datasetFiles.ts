import type { DatasetFiles } from '../../workers/api/dataset';
import { TuneletError } from '../../workers/api/errors';
import { splitOfName } from '../../workers/api/splitNames';

/** Files by the part that they are for. */
export type NamedFiles = Partial<DatasetFiles>;

/**
 * Which of the dropped files is for training, validation and test, told by their names. One file alone is for training
 * whatever its name; of several, one unnamed file is.
 * @throws TuneletError `data/unsupported-format` where the names do not tell.
 */
export function assignFiles(files: readonly File[]): NamedFiles {
  const [only] = files;
  if (only && files.length === 1) return { train: only };
  const assigned: NamedFiles = {};
  const unnamed: File[] = [];
  for (const file of files) {
    const split = splitOfName(file.name);
    if (split === null || assigned[split]) unnamed.push(file);
    else assigned[split] = file;
  }
  const [training] = unnamed;
  if (!assigned.train && training && unnamed.length === 1) return { ...assigned, train: training };
  if (assigned.train && unnamed.length === 0) return assigned;
  throw unclear(files);
}

/**
 * The files to read after some were added. A training file alone starts a new dataset; validation and test files join
 * the dataset there is, or wait in `held` for their training file.
 */
export function joinFiles(
  current: DatasetFiles | null,
  held: Omit<DatasetFiles, 'train'>,
  added: NamedFiles,
): { files: DatasetFiles | null; held: Omit<DatasetFiles, 'train'> } {
  const { train, ...others } = added;
  if (train) return { files: { ...held, ...others, train }, held: {} };
  if (current) return { files: { ...current, ...others }, held: {} };
  return { files: null, held: { ...held, ...others } };
}

function unclear(files: readonly File[]): TuneletError {
  const names = files.map((file) => file.name);
  return new TuneletError(
    'data/unsupported-format',
    `${files.length} files were dropped and their names do not say which is for what: ${names.slice(0, 6).join(', ')}.`,
    'Drop one file, or name them so that one says train, one validation and one test.',
    { files: names.slice(0, 6).join(', ') },
  );
}
