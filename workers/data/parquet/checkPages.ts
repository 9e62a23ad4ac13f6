import type { ColumnMetaData, CompressionCodec, PageHeader, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { limits } from '../limits';
import type { Fail } from './fail';
import { checkHybrid, readVarint } from './hybrid';
import { checkThrift } from './thriftCheck';
import { unpackPage } from './unpackPage';

const mostHeaderValues = 4096;
const mostDeltaBlock = 1 << 20;

/** What is known of a column before its pages are looked at. */
export interface CheckedColumn {
  meta: ColumnMetaData;
  element: SchemaElement;
  rows: number;
}

/**
 * Walks through the pages of one column of a row group: sizes and counts must fit the file and each other before anything is taken for
 * them, and runs must fit their page. Gives the pages' unpacked bytes in the order in which a reader asks for them.
 */
export function checkPages(chunk: Uint8Array, column: CheckedColumn, fail: Fail): Uint8Array[] {
  const unpacked: Uint8Array[] = [];
  let at = 0;
  let values = 0;
  let unpackedBytes = 0;
  let dictionarySize: number | null = null;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  while (values < column.rows) {
    const end = checkThrift(chunk, at, mostHeaderValues, fail);
    const header = parquetHeader({ view, offset: at });
    checkSizes(header, chunk.length - end, fail);
    unpackedBytes += header.uncompressed_page_size;
    if (unpackedBytes > limits.chunkBytes) fail(`one column unpacks to more than ${limits.chunkBytes} bytes`);
    const packed = chunk.subarray(end, end + header.compressed_page_size);
    at = end + header.compressed_page_size;
    const page = openPage(packed, header, column.meta.codec, unpacked, fail);
    if (header.type === 'DICTIONARY_PAGE') {
      dictionarySize = checkDictionary(header, page, fail);
      continue;
    }
    values += checkDataPage(header, page, packed, column, dictionarySize, fail);
  }
  if (values !== column.rows) fail(`a column has ${values} values in ${column.rows} rows`);
  return unpacked;
}

function checkSizes(
  { type, compressed_page_size: packed, uncompressed_page_size: unpacked }: PageHeader,
  left: number,
  fail: Fail,
): void {
  if (!['DATA_PAGE', 'DATA_PAGE_V2', 'DICTIONARY_PAGE'].includes(type)) fail(`it has a page of the kind ${type}`);
  if (!(packed >= 0 && packed <= left)) fail(`a page says that it has ${packed} bytes where ${left} are left`);
  if (!(unpacked >= 0 && unpacked <= limits.pageBytes))
    fail(`a page says that it unpacks to ${unpacked} bytes; at most ${limits.pageBytes} are read`);
}

/** The part of a page that is packed, unpacked; noted where a reader will ask for it. */
function openPage(
  packed: Uint8Array,
  header: PageHeader,
  codec: CompressionCodec,
  unpacked: Uint8Array[],
  fail: Fail,
): Uint8Array {
  const levels = levelBytes(header, packed.length, fail);
  const body = packed.subarray(levels);
  if (header.data_page_header_v2?.is_compressed === false) return body;
  const page = unpackPage(body, header.uncompressed_page_size - levels, codec, fail);
  if (codec !== 'UNCOMPRESSED') unpacked.push(page);
  return page;
}

/** In the second kind of page, levels stand before the packed part. */
function levelBytes(
  { data_page_header_v2: v2, uncompressed_page_size: unpacked }: PageHeader,
  packedBytes: number,
  fail: Fail,
): number {
  if (!v2) return 0;
  const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = v2;
  if (repetition !== 0) fail('a column without lists has repetition levels');
  if (!(definition >= 0 && definition <= packedBytes && definition <= unpacked))
    fail(`levels of ${definition} bytes do not fit their page`);
  return definition;
}

function checkDictionary({ dictionary_page_header: header }: PageHeader, page: Uint8Array, fail: Fail): number {
  const size = header?.num_values ?? -1;
  // Every value takes a bit at least.
  if (!(size >= 0 && size <= page.length * 8)) fail(`a dictionary says that it has ${size} values in ${page.length} bytes`);
  return size;
}

/** How many values the page has. */
function checkDataPage(
  header: PageHeader,
  page: Uint8Array,
  packed: Uint8Array,
  { element, rows, meta }: CheckedColumn,
  dictionarySize: number | null,
  fail: Fail,
): number {
  const v1 = header.data_page_header;
  const v2 = header.data_page_header_v2;
  const about = (header.type === 'DATA_PAGE' ? v1 : v2) ?? fail('a page has no header of its kind');
  const count = about.num_values;
  if (!(count >= 0 && count <= rows)) fail(`a page says that it has ${count} values in a group of ${rows} rows`);
  let at = 0;
  let filled = count;
  if (element.repetition_type === 'OPTIONAL') {
    if (v1) {
      const length = new DataView(page.buffer, page.byteOffset, page.byteLength);
      if (page.length < 4) fail('a page is too short for its levels');
      at = 4 + length.getUint32(0, true);
      if (at > page.length) fail('the levels of a page are longer than it');
      filled = checkHybrid(page.subarray(0, at), 4, 1, count, fail).ones;
    } else if (v2) {
      filled = checkHybrid(packed.subarray(0, v2.definition_levels_byte_length), 0, 1, count, fail).ones;
      if (v2.num_nulls !== count - filled)
        fail(`a page says that ${v2.num_nulls} of its values are missing, where ${count - filled} are`);
    }
  } else if (v2 && v2.num_nulls !== 0) fail('a column whose values must be there lacks some');
  checkValues(about.encoding, page, at, filled, meta.type, dictionarySize, fail);
  return count;
}

function checkValues(
  encoding: string,
  page: Uint8Array,
  at: number,
  count: number,
  type: ColumnMetaData['type'],
  dictionarySize: number | null,
  fail: Fail,
): void {
  if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') {
    if (dictionarySize === null || (dictionarySize === 0 && count > 0)) fail('a page points into a dictionary that is not there');
    checkHybrid(page, at + 1, page[at] ?? 0, count, fail);
  } else if (encoding === 'RLE') checkHybrid(page, at + 4, 1, count, fail);
  else if (encoding.startsWith('DELTA_')) checkDelta(encoding, page, at, count, fail);
  else if (encoding === 'PLAIN' && count > (page.length - at) * 8)
    fail(`a page of ${page.length} bytes says that it has ${count} values`);
  else if (encoding === 'BYTE_STREAM_SPLIT' && (type === 'BYTE_ARRAY' || count > page.length))
    fail('a page is too short for its values');
}

/** Blocks of differences say their own size; values that repeat the one before could grow without end. */
function checkDelta(encoding: string, page: Uint8Array, at: number, count: number, fail: Fail): void {
  checkDeltaBlock(page, at, fail);
  if (encoding !== 'DELTA_BYTE_ARRAY') return;
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: at };
  const prefixes = new Int32Array(count);
  deltaBinaryUnpack(reader, count, prefixes);
  checkDeltaBlock(page, reader.offset, fail);
  const suffixes = new Int32Array(count);
  deltaBinaryUnpack(reader, count, suffixes);
  let total = 0;
  let previous = 0;
  for (let index = 0; index < count; index += 1) {
    const prefix = prefixes[index]!;
    const suffix = suffixes[index]!;
    if (prefix < 0 || prefix > previous || suffix < 0) fail('a value repeats more than the one before it has');
    previous = prefix + suffix;
    total += previous;
    if (total > limits.chunkBytes) fail(`a page's texts grow to more than ${limits.chunkBytes} bytes`);
  }
}

function checkDeltaBlock(page: Uint8Array, at: number, fail: Fail): void {
  const block = readVarint(page, at, fail);
  const parts = readVarint(page, block.end, fail);
  const isSound =
    parts.value > 0 && block.value <= mostDeltaBlock && block.value >= parts.value && block.value % parts.value === 0;
  if (!isSound) fail(`a block of ${block.value} differences in ${parts.value} parts cannot be`);
}
