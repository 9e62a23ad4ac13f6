import type { SplitName } from '../api/dataset';
import { splitNames, splitOfName } from '../api/splitNames';
import { TuneletError } from '../api/errors';
import type { ZipEntry } from '../files/zipDirectory';
import type { ReadOptions } from './decode';
import { contentOf, SAMPLE_BYTES, unsupported } from './detect';
import { limits } from './limits';
import { folderOf, readFolders, readTextFiles } from './parse/folders';
import { readRows, readTable, tableOf, type ReadRows } from './readTable';
import type { RowSink } from './rowSink';
import { beginningOf, blobSource, type NamedBlob } from './source/byteSource';
import { ZipArchive } from './source/zipArchive';
import type { Table } from './table';

/** What a file gives: mostly one table, of an archive perhaps one for each split. */
export type ReadFile = { train: Table } & Partial<Record<SplitName, Table>>;

const tableName = /\.(csv|tsv|tab|psv|jsonl|ndjson|json|parquet)(\.gz)?$/i;
const textName = /(\.(txt|text)(\.gz)?|(^|\/)[^./]+)$/i;
/** What stands beside the data in many archives. */
const aboutTheData = /(^|\/)(readme|licen[cs]e|citation|dataset_infos?|manifest|vocab)[^/]*$/i;

/** Reads any file that the page hands over, by its content; `parts` go on with its table. Throws what the readers throw. */
export async function readFile(file: NamedBlob, options: ReadOptions = {}, parts: readonly NamedBlob[] = []): Promise<ReadFile> {
  const source = blobSource(file, file.name);
  const start = await beginningOf(source, SAMPLE_BYTES, options.signal);
  if (contentOf(start, file.name) !== 'zip') {
    const sources = [source, ...parts.map((part) => blobSource(part, part.name))];
    return { train: await readTable(sources, file.name, options) };
  }
  if (parts.length > 0) throw notRead(file.name, 'an archive cannot be one part of a table among others');

  return await readArchive(await ZipArchive.open(file), options);
}

/**
 * Reads a file's rows into what `begin` gives, whatever they are for: of an archive its one table, which may lie in parts of one split's
 * name, or its texts, each a row with its file's name. Throws what `readFile` throws, and data/bad-archive where an archive holds several
 * tables.
 */
export async function readFileRows<Sink extends RowSink>(
  file: NamedBlob,
  options: ReadOptions,
  begin: () => Sink,
): Promise<ReadRows<Sink>> {
  const source = blobSource(file, file.name);
  const start = await beginningOf(source, SAMPLE_BYTES, options.signal);
  if (contentOf(start, file.name) !== 'zip') return readRows([source], file.name, options, begin);
  const archive = await ZipArchive.open(file);
  const { tables, texts } = contentsOf(archive);
  const [table, ...others] = tables.length > 0 ? tables : texts;
  if (table === undefined) throw notRead(archive.name, 'it holds no table and no texts');
  if (others.length === 0) return readRows([archive.source(table)], archive.name, options, begin);
  if (tables.length > 0) {
    if (!areParts(tables)) throw severalTables(archive.name, tables);
    const sources = tables.toSorted(byName).map((part) => archive.source(part));
    return readRows(sources, archive.name, options, begin);
  }
  const rows = begin();
  await readTextFiles(archive, texts, options, rows);
  return { rows, sizeBytes: archive.sizeBytes, kind: 'folders', format: 'texts in zip' };
}

/** Throws data/bad-archive for what is no archive of data. */
function contentsOf(archive: ZipArchive): { tables: ZipEntry[]; texts: ZipEntry[] } {
  if (archive.entries.some(({ name }) => name === '[Content_Types].xml'))
    throw unsupported(archive.name, 'spreadsheet or document');
  const data = archive.entries.filter(({ name }) => !aboutTheData.test(name));
  const inner = data.find(({ name }) => /\.(zip|7z|rar|tar|tgz)$/i.test(name));
  if (inner) throw notRead(archive.name, `“${inner.name}” is an archive within the archive`);
  return {
    tables: data.filter(({ name }) => tableName.test(name)),
    texts: data.filter(({ name }) => textName.test(name)),
  };
}

async function readArchive(archive: ZipArchive, options: ReadOptions): Promise<ReadFile> {
  const { tables, texts } = contentsOf(archive);
  if (tables.length > 0) return await readParts(archive, bySplit(archive.name, tables), options);
  const labels = new Set(texts.map((entry) => folderOf(entry)?.label).filter((label) => label !== undefined));
  if (labels.size > 1 && texts.length > labels.size) return await readClassFolders(archive, texts, options);
  if (texts.length === 0) throw notRead(archive.name, 'it holds no table and no texts');
  return await readParts(archive, bySplit(archive.name, texts), options);
}

const byName = (a: ZipEntry, b: ZipEntry): number => (a.name < b.name ? -1 : 1);

/** Whether all of them say that they are of the same split. */
function areParts(tables: readonly ZipEntry[]): boolean {
  const splits = new Set(tables.map(({ name }) => splitOfName(name)));
  return splits.size === 1 && !splits.has(null);
}

type Parts = Partial<Record<SplitName, ZipEntry[]>>;

/** Files of one split are parts of one table. One file that its name does not tell of is for training. */
function bySplit(archive: string, entries: readonly ZipEntry[]): Parts {
  const parts: Parts = {};
  const unnamed: ZipEntry[] = [];
  for (const entry of entries.toSorted(byName)) {
    const split = splitOfName(entry.name);
    if (split === null) unnamed.push(entry);
    else (parts[split] ??= []).push(entry);
  }
  if (unnamed.length > 0 && (parts.train || unnamed.length > 1)) {
    const names = unnamed.map(({ name }) => name.slice(0, 60));
    throw notRead(
      archive,
      `it holds ${unnamed.length} tables whose names do not say what they are for: ${names.slice(0, 4).join(', ')}`,
    );
  }
  if (unnamed.length > 0) return { ...parts, train: unnamed };
  return parts.train ? parts : { ...parts, train: onlyPart(archive, parts) };
}

/** A table called test alone is still what there is to train on. */
function onlyPart(archive: string, parts: Parts): ZipEntry[] {
  const [first, ...others] = splitNames.filter((split) => parts[split]);
  const entries = first && parts[first];
  if (first === undefined || entries === undefined || others.length > 0) throw notRead(archive, 'it holds no table for training');
  delete parts[first];
  return entries;
}

async function readParts(archive: ZipArchive, parts: Parts, options: ReadOptions): Promise<ReadFile> {
  const read = async (entries: readonly ZipEntry[]): Promise<Table> => {
    for (const { sizeBytes, name } of entries) {
      if (/\.parquet$/i.test(name) && sizeBytes > limits.wholeFileBytes)
        throw notRead(archive.name, `“${name}” is too large to be read from an archive`);
    }
    const sources = entries.map((entry) => archive.source(entry));
    return await readTable(sources, entries.length === 1 ? (sources[0]?.name ?? archive.name) : archive.name, options);
  };
  const tables: ReadFile = { train: await read(parts.train ?? []) };
  if (parts.validation) tables.validation = await read(parts.validation);
  if (parts.test) tables.test = await read(parts.test);
  return tables;
}

async function readClassFolders(archive: ZipArchive, entries: readonly ZipEntry[], options: ReadOptions): Promise<ReadFile> {
  const builders = await readFolders(archive, entries, options);
  const format = { sizeBytes: archive.sizeBytes, kind: 'folders' as const, format: 'folders in zip' };
  const tables: Partial<Record<SplitName, Table>> = {};
  for (const split of splitNames) {
    const builder = builders[split];
    if (builder) tables[split] = tableOf(builder, archive.name, format);
  }
  const { train } = tables;
  if (!train) throw notRead(archive.name, 'it holds no folder for training');
  return { ...tables, train };
}

function severalTables(archive: string, tables: readonly ZipEntry[]): TuneletError {
  const names = tables.slice(0, 4).map(({ name }) => name.slice(0, 60));
  return new TuneletError(
    'data/bad-archive',
    `Reading ${archive}, it holds ${tables.length} tables, of which one at a time is labelled: ${names.join(', ')}.`,
    'Unpack it and choose one of its files.',
    { file: archive, tables: tables.length },
  );
}

function notRead(archive: string, fault: string): TuneletError {
  return new TuneletError(
    'data/bad-archive',
    `Reading ${archive}, ${fault}.`,
    'Unpack it and choose its files; name them so that one says train, one validation and one test.',
    { file: archive },
  );
}
