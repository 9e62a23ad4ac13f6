import type { DatasetFiles, SplitName } from '../../workers/api/dataset';
import { TuneletError } from '../../workers/api/errors';
import { splitNames, splitOfName } from '../../workers/api/splitNames';

/** Files by the part that they are for. */
export type NamedFiles = Partial<DatasetFiles>;

/**
 * Which of the dropped files is for training, validation and test, told by their names. One file alone is for training
 * whatever its name; of several, one unnamed file is. Files whose names differ in numbers alone are parts of one table.
 * @throws TuneletError `data/unsupported-format` where the names do not tell.
 */
export function assignFiles(files: readonly File[]): NamedFiles {
  const [only] = files;
  if (only && files.length === 1) return { train: only };
  const assigned: NamedFiles = {};
  const unnamed: File[][] = [];
  for (const parts of tablesOf(files)) {
    const split = parts[0] ? splitOfName(parts[0].name) : null;
    if (split === null || assigned[split]) unnamed.push(parts);
    else assign(assigned, split, parts);
  }
  const [training] = unnamed;
  if (!assigned.train && training && unnamed.length === 1) assign(assigned, 'train', training);
  else if (!assigned.train || unnamed.length > 0) throw unclear(files);
  return assigned;
}

/** Files whose names differ in numbers alone, such as train-00000-of-00002.parquet, are parts of one table, in their order. */
function tablesOf(files: readonly File[]): File[][] {
  const tables = new Map<string, File[]>();
  for (const file of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const pattern = file.name.replace(/\d+/g, '#');
    tables.set(pattern, [...(tables.get(pattern) ?? []), file]);
  }
  return [...tables.values()];
}

function assign(assigned: NamedFiles, split: SplitName, [first, ...others]: File[]): void {
  if (first) assigned[split] = first;
  if (others.length > 0) assigned.furtherParts = { ...assigned.furtherParts, [split]: others };
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
  if (added.train) return { files: { ...joined(held, added), train: added.train }, held: {} };
  if (current) return { files: { ...joined(current, added), train: current.train }, held: {} };
  return { files: null, held: joined(held, added) };
}

/** What was added takes the place of what there was for the same part, its further files included. */
function joined(before: NamedFiles, added: NamedFiles): NamedFiles {
  const kept = splitNames.filter((split) => !added[split] && before.furtherParts?.[split]);
  const parts = { ...Object.fromEntries(kept.map((split) => [split, before.furtherParts?.[split]])), ...added.furtherParts };
  const { furtherParts: _, ...files } = { ...before, ...added };
  return Object.keys(parts).length > 0 ? { ...files, furtherParts: parts } : files;
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
