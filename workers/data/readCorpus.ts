import { TuneletError } from '../api/errors';
import { TimeSlice } from '../tokenizer/timeSlice';
import { decodeFile } from './decode';
import type { NamedBlob, ReadOptions } from './decode';
import { TableBuilder, type Table } from './table';

/** What `Table.delimiter` says of files that are no tables: they may lack labels. */
const corpusFormats = { lines: 'plain text', json: 'JSON lines' } as const;

export function isCorpus({ delimiter }: Table): boolean {
  return delimiter === corpusFormats.lines || delimiter === corpusFormats.json;
}

/** Fewer paragraphs cannot be split; then each line is a text. */
const fewestParagraphs = 10;
const mostColumns = 64;

/**
 * Reads plain text (.txt: its paragraphs, or where there are few its lines) and JSON lines (.jsonl, .ndjson: objects with `text`);
 * null for every other file, and for a .txt that is a table. Throws data/unsupported-format with the line, data/empty-file, and
 * what `decodeFile` throws.
 */
export async function readCorpus(file: NamedBlob, options: ReadOptions): Promise<Table | null> {
  if (/\.(jsonl|ndjson)$/i.test(file.name)) return finished(await readJsonLines(file, options), file, corpusFormats.json);
  if (!/\.txt$/i.test(file.name) || (await isTable(file))) return null;
  return finished(await readParagraphs(file, options), file, corpusFormats.lines);
}

function finished(builder: TableBuilder, file: NamedBlob, format: string): Table {
  const table = builder.finish(file, format);
  if (table !== null && table.rowNumbers.length > 0) return table;
  throw new TuneletError('data/empty-file', `Reading ${file.name}, it turned out to have no text.`, 'Choose a file with text.', {
    file: file.name,
  });
}

/** Judged by its first line: tabs, or the usual names of columns. */
async function isTable(file: NamedBlob): Promise<boolean> {
  const [first = ''] = (await file.slice(0, 4096).text()).replace(/^\ufeff/, '').split(/\r?\n/);
  const fields = first.split(/[,;|]/).map((field) => field.trim().replaceAll('"', '').toLowerCase());
  return first.includes('\t') || (fields.length > 1 && fields.some((field) => columnNames.has(field)));
}

const columnNames = new Set(['text', 'label', 'labels', 'class', 'category', 'target', 'sentiment', 'intent', 'topic']);

/** Lines one after another, in slices of time. */
async function* linesOf(file: NamedBlob, { signal, onProgress }: ReadOptions): AsyncGenerator<string> {
  const slice = new TimeSlice();
  let open = '';
  let rows = 0;
  for await (const { text, loadedBytes } of decodeFile(file, signal)) {
    const lines = (open + text).split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
    rows += lines.length;
    onProgress?.({ file: file.name, loadedBytes, totalBytes: file.size, rows });
    if (slice.isOver()) await slice.giveWay();
  }
  if (open !== '') yield open;
}

async function readParagraphs(file: NamedBlob, options: ReadOptions): Promise<TableBuilder> {
  const lines: string[] = [];
  for await (const line of linesOf(file, options)) lines.push(line.trimEnd());
  const paragraphs: string[] = [];
  let open: string[] = [];
  for (const line of [...lines, '']) {
    if (line !== '') open.push(line);
    else if (open.length > 0) {
      paragraphs.push(open.join('\n'));
      open = [];
    }
  }
  const texts = paragraphs.length >= fewestParagraphs ? paragraphs : lines.filter((line) => line !== '');
  const builder = new TableBuilder();
  builder.add([['text'], ...texts.map((text) => [text])]);
  return builder;
}

async function readJsonLines(file: NamedBlob, options: ReadOptions): Promise<TableBuilder> {
  const builder = new TableBuilder();
  let columns: string[] | null = null;
  let number = 0;
  for await (const line of linesOf(file, options)) {
    number += 1;
    if (line.trim() === '') continue;
    const row = parseRow(line, number, file.name);
    if (columns === null) {
      columns = ['text', ...[...row.keys()].filter((name) => name !== 'text')].slice(0, mostColumns);
      builder.add([columns]);
    }
    builder.add([columns.map((name) => row.get(name) ?? '')]);
  }
  return builder;
}

/** Names and values of an object that are texts, numbers or truth values. */
function parseRow(line: string, number: number, file: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    json = null;
  }
  const row = new Map<string, string>();
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    for (const [name, value] of Object.entries(json)) {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') row.set(name, String(value));
    }
  }
  if (row.has('text')) return row;
  throw new TuneletError(
    'data/unsupported-format',
    `Reading ${file}, line ${number} is no JSON object with a “text”.`,
    'Write one object a line, such as {"text": "…"}; a “label” may stand beside it.',
    { file, line: number },
  );
}
