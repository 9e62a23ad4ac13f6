import { TuneletError } from '../api/errors';
import { sniffDelimiter } from './parse/sniff';

/** What the first bytes say: packed, a table of bytes, or text of some kind. */
export type Content = 'gzip' | 'zip' | 'parquet' | 'text';
export type TextKind = 'json-lines' | 'json' | 'delimited' | 'plain-text';

/** So much of a text is enough to tell its kind by. */
export const SAMPLE_BYTES = 64 * 1024;

const signatures: readonly { content: Content | null; name: string; bytes: readonly number[] }[] = [
  { content: 'gzip', name: 'gzip', bytes: [0x1f, 0x8b] },
  { content: 'zip', name: 'zip', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { content: 'zip', name: 'empty zip', bytes: [0x50, 0x4b, 0x05, 0x06] },
  { content: 'parquet', name: 'Parquet', bytes: [0x50, 0x41, 0x52, 0x31] },
  { content: null, name: 'PDF', bytes: [0x25, 0x50, 0x44, 0x46] },
  { content: null, name: 'old spreadsheet', bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  { content: null, name: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
  { content: null, name: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { content: null, name: '7-Zip', bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { content: null, name: 'Zstandard', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { content: null, name: 'Arrow', bytes: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31] },
  { content: null, name: 'PNG picture', bytes: [0x89, 0x50, 0x4e, 0x47] },
];

/** By the first bytes alone. Throws data/unsupported-format for what is known and not read. */
export function contentOf(start: Uint8Array, name: string): Content {
  const found = signatures.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte));
  if (found === undefined) return 'text';
  if (found.content === null) throw unsupported(name, found.name);
  return found.content;
}

/** Throws data/unsupported-format in the words of the page. */
export function unsupported(file: string, format: string): TuneletError {
  return new TuneletError(
    'data/unsupported-format',
    `Reading ${file}, it turned out to be a ${format} file. Tunelet reads CSV and other delimited text, JSON, JSON lines, Parquet and plain text, each also in gzip or zip.`,
    'Export it as CSV, UTF-8, and choose that file.',
    { file, format },
  );
}

/**
 * What kind of text begins like `sample`; `isWhole`: nothing follows. The name only helps where the content leaves it open: a table whose
 * rows differ in width, or of one column.
 */
export function textKindOf(sample: string, isWhole: boolean, name: string): TextKind {
  return jsonKindOf(sample, isWhole) ?? (isTable(sample, name) ? 'delimited' : 'plain-text');
}

function jsonKindOf(sample: string, isWhole: boolean): 'json' | 'json-lines' | null {
  if (/^\s*\[\s*([{[\]"]|$)/.test(sample)) return 'json';
  if (!/^\s*\{\s*(["}]|$)/.test(sample)) return null;
  const lines = sample
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first = '', second] = lines;
  if (second === undefined) return isWhole ? kindOfOnlyLine(first) : kindOfLongLine(first);
  if (second.startsWith('{')) return first === '{' ? 'json' : 'json-lines';
  return parsed(first) === undefined ? 'json' : 'json-lines';
}

/** One object alone: a table where it holds a list or a further object, else a row. */
function kindOfOnlyLine(line: string): 'json' | 'json-lines' {
  const value = parsed(line);
  if (typeof value !== 'object' || value === null) return 'json';
  return Object.values(value).some((member) => typeof member === 'object' && member !== null) ? 'json' : 'json-lines';
}

function kindOfLongLine(line: string): 'json' | 'json-lines' {
  return /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[[{]/.test(line) ? 'json' : 'json-lines';
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const columnNames = new Set(['text', 'label', 'labels', 'class', 'category', 'target', 'sentiment', 'intent', 'topic']);
/** Prose has commas too, but not as many in every line. */
const TABLE_AGREEMENT = 0.9;
const LONGEST_HEADER_FIELD = 64;

function isTable(sample: string, name: string): boolean {
  if (/\.(csv|tsv|tab|psv)(\.gz)?$/i.test(name)) return true;
  const { delimiter, agreement, columns, records } = sniffDelimiter(sample);
  if (columns < 2) return false;
  const [first = ''] = sample.split(/\r\n|\n|\r/);
  const fields = first.split(delimiter).map((field) => field.trim().replaceAll('"', ''));
  if (delimiter === '\t' || fields.some((field) => columnNames.has(field.toLowerCase()))) return true;
  const isHeader = fields.every((field) => field !== '' && field.length <= LONGEST_HEADER_FIELD) && !/[.!?]$/.test(first);
  return isHeader && records > 2 && agreement >= TABLE_AGREEMENT;
}
