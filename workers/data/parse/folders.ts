import { splitOfName } from '../../api/splitNames';
import type { SplitName } from '../../api/dataset';
import { TuneletError } from '../../api/errors';
import type { ZipEntry } from '../../files/zipDirectory';
import { TimeSlice } from '../../tokenizer/timeSlice';
import { decodeText, type ReadOptions } from '../decode';
import { limits } from '../limits';
import { asUtf8, encodingOf } from '../source/transcode';
import { beginningOf } from '../source/byteSource';
import type { ZipArchive } from '../source/zipArchive';
import type { RowSink } from '../rowSink';
import { TableBuilder } from '../table';

/** The folder that a file lies in is its class; a folder above may name the split. */
export function folderOf({ name }: ZipEntry): { label: string; split: SplitName } | null {
  const path = name.split('/').slice(0, -1);
  const label = path.at(-1);
  if (label === undefined) return null;
  const split = path
    .slice(0, -1)
    .map(splitOfName)
    .find((found) => found !== null);
  return { label, split: split ?? 'train' };
}

/** Reads one text a file, a folder a class. Throws what reading an archive and its texts throws, data/record-too-long. */
export async function readFolders(
  archive: ZipArchive,
  entries: readonly ZipEntry[],
  options: ReadOptions,
): Promise<Partial<Record<SplitName, TableBuilder>>> {
  const builders: Partial<Record<SplitName, TableBuilder>> = {};
  const slice = new TimeSlice();
  let rows = 0;
  for (const entry of entries) {
    const folder = folderOf(entry);
    if (folder === null) continue;
    const builder = (builders[folder.split] ??= tableOf(archive.name));
    builder.addRow([await textOf(archive, entry, options), folder.label]);
    rows += 1;
    if (!slice.isOver()) continue;
    const loadedBytes = entry.headerOffset + entry.compressedBytes;
    options.onProgress?.({ file: archive.name, loadedBytes, totalBytes: archive.sizeBytes, rows });
    await slice.giveWay();
  }
  return builders;
}

/** Reads one text a file, with the file's name beside it. Throws as `readFolders`. */
export async function readTextFiles(
  archive: ZipArchive,
  entries: readonly ZipEntry[],
  options: ReadOptions,
  rows: RowSink,
): Promise<void> {
  const slice = new TimeSlice();
  rows.header(['file', 'text']);
  for (const entry of entries) {
    rows.addRow([entry.name, await textOf(archive, entry, options)]);
    const loadedBytes = entry.headerOffset + entry.compressedBytes;
    options.onProgress?.({ file: archive.name, loadedBytes, totalBytes: archive.sizeBytes, rows: rows.rowCount });
    if (slice.isOver()) await slice.giveWay();
  }
}

function tableOf(file: string): TableBuilder {
  const builder = new TableBuilder(file);
  builder.header(['text', 'label']);
  return builder;
}

async function textOf(archive: ZipArchive, entry: ZipEntry, options: ReadOptions): Promise<string> {
  if (entry.sizeBytes > limits.recordBytes) throw tooLong(archive.name, entry.name);
  const source = archive.source(entry);
  const encoding = options.encoding ?? encodingOf(await beginningOf(source, 4, options.signal));
  const parts: string[] = [];
  for await (const { text } of decodeText(asUtf8(source, encoding), options.signal)) parts.push(text);
  // The line end that editors put behind the last line is no part of the text.
  return parts.join('').replace(/\r?\n$/, '');
}

function tooLong(archive: string, name: string): TuneletError {
  return new TuneletError(
    'data/record-too-long',
    `Reading ${archive}, its file “${name}” is longer than ${limits.recordBytes.toLocaleString('en')} bytes; each file is one text.`,
    'Divide it, or leave it out.',
    { file: archive, name },
  );
}
