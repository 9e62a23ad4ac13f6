import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** A row of the files below. */
export interface WrittenRow {
  text: string;
  label: string;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** RFC 4180: quoted where it must be, quotation marks doubled. */
function csv(rows: readonly WrittenRow[], { delimiter = ',', lineEnd = '\n', mark = '' } = {}): string {
  const field = (text: string): string =>
    text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = [{ text: 'text', label: 'label' }, ...rows].map(({ text, label }) => field(text) + delimiter + field(label));
  return mark + lines.map((line) => line + lineEnd).join('');
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2 + 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, true);
  for (let index = 0; index < text.length; index += 1) view.setUint16(2 + index * 2, text.charCodeAt(index), true);
  return bytes;
}

function parquet(rows: readonly WrittenRow[], codec: 'SNAPPY' | 'UNCOMPRESSED'): Uint8Array<ArrayBuffer> {
  const columnData = [
    { name: 'text', data: rows.map(({ text }) => text), type: 'STRING' as const },
    { name: 'label', data: rows.map(({ label }) => label), type: 'STRING' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, codec, rowGroupSize: 97 }));
}

function folders(rows: readonly WrittenRow[]): Uint8Array<ArrayBuffer> {
  const files = rows.map(({ text, label }, index) => [`${label}/${String(index).padStart(5, '0')}.txt`, utf8(text)]);
  return new Uint8Array(zipSync(Object.fromEntries(files)));
}

/** Tabs and line ends cannot be written without quoting. */
const unquotable = ({ text, label }: WrittenRow): boolean => /[\t\r\n]/.test(text + label);

/**
 * The same rows as files of every kind that is read, by name; names say nothing, as content decides. Folders need rows of two labels or
 * more; where a kind cannot hold the rows, it is missing.
 */
export function tableFiles(rows: readonly WrittenRow[]): Map<string, File> {
  const json = rows.map(({ text, label }) => ({ text, label }));
  const plain = utf8(csv(rows));
  const bytes: [string, Uint8Array<ArrayBuffer>][] = [
    ['comma', plain],
    ['carriage returns', utf8(csv(rows, { lineEnd: '\r\n' }))],
    ['semicolon with mark', utf8(csv(rows, { delimiter: ';', mark: '\ufeff' }))],
    ['caret', utf8(csv(rows, { delimiter: '^' }))],
    ['quoted tabs', utf8(csv(rows, { delimiter: '\t' }))],
    ['JSON lines', utf8(json.map((row) => `${JSON.stringify(row)}\n`).join(''))],
    ['JSON', utf8(JSON.stringify(json, null, 1))],
    ['JSON under a path', utf8(JSON.stringify({ version: 1, data: { rows: json }, note: [1, 2] }))],
    ['JSON by column', utf8(JSON.stringify({ text: json.map(({ text }) => text), label: json.map(({ label }) => label) }))],
    ['Parquet', parquet(rows, 'SNAPPY')],
    ['plain Parquet', parquet(rows, 'UNCOMPRESSED')],
    ['gzip', new Uint8Array(gzipSync(plain))],
    ['gzip of two parts', joined(gzipSync(plain.subarray(0, 100)), gzipSync(plain.subarray(100)))],
    ['UTF-16', utf16(csv(rows, { delimiter: '\t' }))],
    ['zip of a table', new Uint8Array(zipSync({ 'README.md': utf8('# About\n'), 'data/all.csv': plain }))],
    ['zip of parts', zipOfParts(rows)],
  ];
  if (!rows.some(unquotable)) {
    const lines = [{ text: 'text', label: 'label' }, ...rows].map(({ text, label }) => `${text}\t${label}\n`);
    bytes.push(['unquoted tabs', utf8(lines.join(''))]);
    // A folder's name is its label.
    if (rows.every(({ label }) => /^[a-z]+$/.test(label))) bytes.push(['folders', folders(rows)]);
  }
  return new Map(bytes.map(([name, content]) => [name, new File([content], name)]));
}

function zipOfParts(rows: readonly WrittenRow[]): Uint8Array<ArrayBuffer> {
  const half = Math.floor(rows.length / 2);
  const parts = { 'train-0.csv': utf8(csv(rows.slice(0, half))), 'train-1.csv': utf8(csv(rows.slice(half))) };
  return new Uint8Array(zipSync(parts));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
