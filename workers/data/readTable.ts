import { TuneletError } from '../api/errors';
import type { ReadOptions } from './decode';
import { contentOf, SAMPLE_BYTES, textKindOf, type TextKind } from './detect';
import { withExcerpt } from './excerpt';
import { limits } from './limits';
import { readParquet } from './parquet/readParquet';
import { isStrayQuoteAmongTabs, readDelimited } from './parse/delimited';
import { readJson, readJsonLines } from './parse/json';
import { readPlainText } from './parse/plainText';
import { beginningOf, wholeOf, type ByteSource } from './source/byteSource';
import { gunzipped } from './source/gunzip';
import { asUtf8, encodingNames, encodingOf } from './source/transcode';
import type { RowSink } from './rowSink';
import { TableBuilder, type Table, type TableKind } from './table';

/** A source without its gzip and its encoding. */
type Opened =
  | { kind: 'parquet'; source: ByteSource; packing: string }
  | { kind: TextKind; source: ByteSource; packing: string; encoding: string };

/**
 * Reads one table that lies in one source or, as parts with the same columns, in several. Throws data/empty-file, data/no-rows,
 * data/no-columns, data/unsupported-format, data/bad-archive and what the readers throw, these with the lines around the place.
 */
export async function readTable(sources: readonly ByteSource[], name: string, options: ReadOptions): Promise<Table> {
  const { rows, ...about } = await readRows(sources, name, options, () => new TableBuilder(name));
  return tableOf(rows, name, about);
}

/** Rows where their reader put them, and what they were read from. */
export interface ReadRows<Sink extends RowSink> {
  rows: Sink;
  sizeBytes: number;
  kind: TableKind;
  /** As `Table.format`. */
  format: string;
}

/**
 * As `readTable`, into what `begin` gives: mostly once, and again where reading has to begin anew in another way. Rows are checked one by
 * one; whether there are enough is the caller's question.
 */
export async function readRows<Sink extends RowSink>(
  sources: readonly ByteSource[],
  name: string,
  options: ReadOptions,
  begin: () => Sink,
): Promise<ReadRows<Sink>> {
  // Files of one archive all have its size; others add up.
  const sizes = sources.map((source) => source.sizeBytes);
  const sizeBytes = sources.every(({ blob }) => blob) ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(...sizes);
  const opened: Opened[] = [];
  for (const source of sources) opened.push(await open(source, options));
  const [first] = opened;
  if (first === undefined) throw emptyFileError(name);
  if (opened.some(({ kind }) => kind !== first.kind)) throw mixedPartsError(name);
  const { rows, format } = await readParts(opened, name, options, begin);
  const words = [...('encoding' in first ? [first.encoding] : []), format, ...(first.packing ? [first.packing] : [])];
  return { rows, sizeBytes, kind: first.kind, format: words.join(', ') };
}

/** Throws data/empty-file, data/no-rows and data/no-columns. */
export function tableOf(
  builder: TableBuilder,
  name: string,
  about: { sizeBytes: number; kind: TableKind; format: string },
): Table {
  const table = builder.finish(about);
  if (table === null) throw emptyFileError(name);
  if (table.columns.length < 2 && about.kind === 'delimited') throw oneColumnError(table);
  if (table.rowNumbers.length === 0) throw about.kind === 'plain-text' ? emptyFileError(name) : noRowsError(table);
  return table;
}

async function open(packed: ByteSource, options: ReadOptions): Promise<Opened> {
  let source = packed;
  let start = await beginningOf(source, SAMPLE_BYTES, options.signal);
  let packing = '';
  if (contentOf(start, source.name) === 'gzip') {
    source = gunzipped(packed, packed.name);
    start = await beginningOf(source, SAMPLE_BYTES, options.signal);
    packing = 'gzip';
  }
  const content = contentOf(start, source.name);
  if (content === 'parquet') return { kind: 'parquet', source, packing };
  if (content !== 'text') throw nestedError(source.name, content);
  const marked = encodingOf(start);
  const encoding = marked === 'utf-8' ? (options.encoding ?? 'utf-8') : marked;
  const text = new TextDecoder(encoding).decode(start);
  return {
    kind: textKindOf(text, start.length < SAMPLE_BYTES, source.name),
    source: asUtf8(source, encoding),
    packing,
    encoding: encodingNames[encoding],
  };
}

async function readParts<Sink extends RowSink>(
  parts: readonly Opened[],
  name: string,
  options: ReadOptions,
  begin: () => Sink,
): Promise<{ rows: Sink; format: string }> {
  try {
    return await readWith(parts, name, options, true, begin());
  } catch (thrown) {
    if (!isStrayQuoteAmongTabs(thrown)) throw thrown;
    return await readWith(parts, name, options, false, begin());
  }
}

async function readWith<Sink extends RowSink>(
  parts: readonly Opened[],
  name: string,
  options: ReadOptions,
  quotingOfTabs: boolean,
  rows: Sink,
): Promise<{ rows: Sink; format: string }> {
  let format = '';
  for (const part of parts) {
    const { source } = part;
    try {
      if (part.kind === 'json-lines') format = (await readJsonLines(source, rows, options), 'JSON lines');
      else if (part.kind === 'json') format = (await readJson(source, rows, options), 'JSON');
      else if (part.kind === 'delimited') format = (await readDelimited(source, rows, options, quotingOfTabs)) ?? format;
      else if (part.kind === 'parquet')
        format = (await readParquet(await blobOf(source, options), name, rows, options), 'Parquet');
      else format = (await readPlainText(source, rows, options), 'plain text');
    } catch (thrown) {
      throw part.kind === 'parquet' ? thrown : await withExcerpt(thrown, source);
    }
  }
  return { rows, format };
}

/** Parquet is read from its end, so all of it must be there. */
async function blobOf(source: ByteSource, { signal }: ReadOptions): Promise<Blob> {
  if (source.blob) return source.blob;
  return await wholeOf(source, limits.wholeFileBytes, () => tooLargeToUnpack(source.name), signal);
}

function tooLargeToUnpack(file: string): TuneletError {
  return new TuneletError(
    'data/too-large',
    `Unpacking ${file}, the Parquet file in it has more than ${limits.wholeFileBytes / 1024 ** 2} MiB.`,
    'Parquet is packed already: unpack it once and choose the .parquet file.',
    { file },
  );
}

function nestedError(file: string, content: string): TuneletError {
  return new TuneletError(
    'data/bad-archive',
    `Unpacking ${file}, there is a ${content} file in it. Only one layer of packing is opened.`,
    'Unpack it and choose what is in it.',
    { file, content },
  );
}

function mixedPartsError(file: string): TuneletError {
  return new TuneletError(
    'data/unsupported-format',
    `Reading ${file}, the parts of one table in it have different formats.`,
    'Write all parts in one format.',
    { file },
  );
}

export function emptyFileError(file: string): TuneletError {
  return new TuneletError(
    'data/empty-file',
    `Reading ${file}, it turned out to be empty.`,
    'Choose a file with a header row and one row for each text.',
    { file },
  );
}

function noRowsError({ name, columns, rowCount, skips }: Table): TuneletError {
  const message =
    rowCount === 0
      ? `Reading ${name}, there is a header (${columns.join(', ')}) but no row below it.`
      : `Reading ${name}, none of its ${rowCount} rows can be used; there are ${skips.entries.map(({ count, reason }) => `${count} ${reason}`).join(', ')}.`;
  return new TuneletError('data/no-rows', message, 'Choose a file with a header row and one row for each text.', {
    file: name,
    columns: JSON.stringify(columns.slice(0, 100)),
    rowCount,
  });
}

function oneColumnError({ name, columns }: Table): TuneletError {
  return new TuneletError(
    'data/no-columns',
    `Reading ${name}, only one column was found, “${excerpt(columns[0] ?? '')}”. A dataset needs a column of texts and one of labels.`,
    'Separate the columns by commas, semicolons, tabs or bars, and give them a header row.',
    { file: name, columns: JSON.stringify(columns.map(excerpt)) },
  );
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
