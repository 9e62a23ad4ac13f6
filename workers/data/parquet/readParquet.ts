import {
  parquetMetadata,
  parquetSchema,
  type ColumnMetaData,
  type DecodedArray,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { TuneletError } from '../../api/errors';
import { TimeSlice } from '../../tokenizer/timeSlice';
import type { ReadOptions } from '../decode';
import { limits } from '../limits';
import type { RowSink } from '../rowSink';
import { checkPages } from './checkPages';
import { failing, type Fail } from './fail';
import { checkThrift } from './thriftCheck';
import { readableCodecs } from './unpackPage';

const MAGIC = 0x31524150;
const endBytes = 8;
const mostFooterValues = 2_000_000;
const mostSchemaElements = 5000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A column of one value a row; lists, maps and structures are none. */
interface FlatColumn {
  name: string;
  schemaPath: SchemaTree[];
}

/**
 * Reads a Parquet file into `builder`, a row group at a time. What the file says of itself is checked before hyparquet believes it.
 * Throws data/bad-parquet, data/not-utf8, data/record-too-long and what the builder throws.
 */
export async function readParquet(blob: Blob, name: string, builder: RowSink, options: ReadOptions): Promise<void> {
  const fail = failing(name);
  try {
    await readGroups(blob, name, builder, options, fail);
  } catch (thrown) {
    if (thrown instanceof TuneletError || options.signal?.aborted) throw thrown;
    // A description may be sound in its form and still lack anything that hyparquet or we look for.
    fail('its description lacks what its pages need');
  }
}

async function readGroups(blob: Blob, name: string, builder: RowSink, options: ReadOptions, fail: Fail): Promise<void> {
  const metadata = await readFooter(blob, fail);
  const columns = flatColumns(metadata, builder, fail);
  builder.header(columns.map((column) => column.name));
  const slice = new TimeSlice();
  let loadedBytes = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const texts: string[][] = [];
    for (const column of columns) {
      options.signal?.throwIfAborted();
      const meta = group.columns.find(({ meta_data: found }) => isColumn(found, column.name))?.meta_data;
      if (!meta) return fail(`a row group lacks the column “${column.name.slice(0, 60)}”`);
      const values = await readChunk(blob, column, meta, rows, fail);
      texts.push(textsOf(values, { rows, name: column.name, file: name, before: builder.rowCount }, fail));
      loadedBytes += Number(meta.total_compressed_size);
      await slice.giveWay();
    }
    // A dictionary repeats a text for a few bits a row: what that comes to is known before it is copied.
    builder.checkRoomFor(texts);
    for (let row = 0; row < rows; row += 1) {
      builder.addChecked(texts.map((column) => column[row]!));
      if (slice.isOver()) {
        options.onProgress?.({ file: name, loadedBytes, totalBytes: blob.size, rows: builder.rowCount });
        options.signal?.throwIfAborted();
        await slice.giveWay();
      }
    }
  }
}

function isColumn(meta: ColumnMetaData | undefined, name: string): boolean {
  return meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === name;
}

async function readFooter(blob: Blob, fail: Fail): Promise<FileMetaData> {
  const end = await bytesOf(blob, blob.size - endBytes, blob.size);
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength);
  if (end.length < endBytes || view.getUint32(4, true) !== MAGIC) return fail('its end is missing; it may be cut off');
  const length = view.getUint32(0, true);
  if (length > limits.footerBytes) return fail(`its description has ${length} bytes; at most ${limits.footerBytes} are read`);
  if (length > blob.size - endBytes - 4) return fail(`its description says that it has ${length} bytes, more than the file`);
  const footer = await bytesOf(blob, blob.size - endBytes - length, blob.size);
  checkThrift(footer.subarray(0, length), 0, mostFooterValues, fail);
  const metadata = guarded(() => parquetMetadata(footer, { geoparquet: false }), fail);
  checkMetadata(metadata, blob.size - endBytes - length, fail);
  return metadata;
}

function checkMetadata(metadata: FileMetaData, footerStart: number, fail: Fail): void {
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0)) fail('it does not say how many rows it has');
  if (rows > limits.rows)
    fail(`it says that it has ${rows.toLocaleString('en')} rows; at most ${limits.rows.toLocaleString('en')} are read`);
  if (metadata.schema.length > mostSchemaElements) fail(`its schema has ${metadata.schema.length} elements`);
  let counted = 0;
  for (const { num_rows: groupRows, columns } of metadata.row_groups) {
    const inGroup = Number(groupRows);
    if (!(inGroup >= 0 && inGroup <= rows)) fail(`a row group says that it has ${inGroup} rows`);
    counted += inGroup;
    for (const { meta_data: meta, file_path: path } of columns) {
      if (path) fail('its columns lie in other files');
      if (!meta) fail('a column is not described, or encrypted');
      else checkChunk(meta, footerStart, fail);
    }
  }
  if (counted !== rows) fail(`its row groups have ${counted} rows, where ${rows} are announced`);
}

function checkChunk(meta: ColumnMetaData, footerStart: number, fail: Fail): void {
  const { start, end } = rangeOf(meta);
  if (!(start >= 4 && end >= start && end <= footerStart)) fail(`a column lies from byte ${start} to ${end}, outside the file`);
  if (end - start > limits.chunkBytes)
    fail(`a column of one row group has ${end - start} bytes; at most ${limits.chunkBytes} are read`);
}

function rangeOf(meta: ColumnMetaData): { start: number; end: number } {
  const page = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionary > 0 ? Math.min(page, dictionary) : page;
  return { start, end: start + Number(meta.total_compressed_size) };
}

function flatColumns(metadata: FileMetaData, builder: RowSink, fail: Fail): FlatColumn[] {
  const root = guarded(() => parquetSchema(metadata), fail);
  const isFlat = ({ children, element }: SchemaTree): boolean => children.length === 0 && element.repetition_type !== 'REPEATED';
  const nested = root.children.filter((column) => !isFlat(column));
  if (nested.length > 0) {
    const names = nested.map(({ element }) => element.name.slice(0, 40));
    builder.warnings.push({
      code: 'nested-columns',
      message: `Columns of lists or structures are not read: ${names.slice(0, 5).join(', ')}.`,
    });
  }
  const columns = root.children.filter(isFlat).map((column) => ({ name: column.element.name, schemaPath: [root, column] }));
  return columns.length > 0 ? columns : fail('it has no column of single values');
}

async function readChunk(
  blob: Blob,
  { name, schemaPath }: FlatColumn,
  meta: ColumnMetaData,
  rows: number,
  fail: Fail,
): Promise<DecodedArray> {
  if (!readableCodecs.has(meta.codec)) return fail(`its pages are packed by ${meta.codec}, which is not read`);
  const element = schemaPath.at(-1)?.element;
  if (element === undefined || rows === 0) return [];
  const { start, end } = rangeOf(meta);
  const chunk = await bytesOf(blob, start, end);
  const pages = guarded(() => checkPages(chunk, { meta, element, rows }, fail), fail);
  const next = (): Uint8Array => pages.shift() ?? fail('it has more pages than were found');
  const decoder = {
    pathInSchema: [name],
    type: meta.type,
    element,
    schemaPath,
    codec: meta.codec,
    parsers: { ...DEFAULT_PARSERS, stringFromBytes: isText(element) ? decodeUtf8 : decodeBytes, jsonFromBytes: decodeUtf8 },
    compressors: { SNAPPY: next, GZIP: next, BROTLI: next, ZSTD: next, LZ4_RAW: next },
  };
  const reader = { view: new DataView(chunk.buffer), offset: 0 };
  const { data } = guarded(
    () => readColumn(reader, { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows }, decoder),
    fail,
  );
  const values = data.length === 1 ? data[0]! : data.flatMap((part) => Array.from<unknown>(part));
  return values.length >= rows ? values : fail(`the column “${name.slice(0, 60)}” has ${values.length} values in ${rows} rows`);
}

function decodeUtf8(bytes: Uint8Array | undefined): string | undefined {
  return bytes && utf8.decode(bytes);
}

function isText({ converted_type: converted, logical_type: logical }: SchemaTree['element']): boolean {
  return converted === 'UTF8' || logical?.type === 'STRING';
}

/** Of a column of bytes, which may be text by habit or a picture; what is no text is empty. */
function decodeBytes(bytes: Uint8Array | undefined): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch {
    return '';
  }
}

/** A column of a row group; those in it that are the same text in the file stay one text here. */
function textsOf(
  values: DecodedArray,
  { rows, name, file, before }: { rows: number; name: string; file: string; before: number },
  fail: Fail,
): string[] {
  return Array.from({ length: rows }, (_, row) => {
    const value: unknown = values[row];
    // A missing value is null; undefined is what a place outside its dictionary gives.
    if (value === undefined) return fail(`row ${before + row + 1} of “${name.slice(0, 60)}” points outside its dictionary`);
    const text = textOf(value);
    if (text.length > limits.recordBytes) throw tooLong(file, before + row + 1);
    return text;
  });
}

function textOf(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  return '';
}

/** hyparquet says what is wrong in plain errors; ours pass as they are. */
function guarded<Result>(work: () => Result, fail: Fail): Result {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof TuneletError) throw thrown;
    return fail(
      thrown instanceof TypeError && thrown.message.includes('decod')
        ? 'a text in it is not UTF-8'
        : 'its pages do not fit its description',
    );
  }
}

async function bytesOf(blob: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.slice(Math.max(0, start), end).arrayBuffer());
}

function tooLong(file: string, row: number): TuneletError {
  return new TuneletError(
    'data/record-too-long',
    `Reading ${file}, row ${row} has a text of more than ${limits.recordBytes.toLocaleString('en')} characters.`,
    `Shorten or remove row ${row}.`,
    { file, row },
  );
}
