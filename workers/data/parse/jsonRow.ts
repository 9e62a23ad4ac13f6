import type { SkipReason } from '../../api/dataset';
import { limits } from '../limits';

const QUOTE = 34;
const BACKSLASH = 92;

/** The row's values by column, or why it is none. */
export type JsonRow = ReadonlyMap<string, string> | SkipReason;

/**
 * Reads one JSON object as a row: names and values that are texts, numbers or truth values, with those of inner objects under paths such
 * as "review.text". Lists are no columns; null is an empty value.
 */
export function jsonRow(text: string): JsonRow {
  if (isDeeper(text, limits.nesting)) return 'nested-too-deep';
  let value: unknown;
  try {
    value = JSON.parse(text);
    // What is JSON as it stands is JSON with these numbers in quotation marks too.
    if (LONG_NUMBER.test(text)) value = JSON.parse(withLongNumbersQuoted(text));
  } catch {
    return 'broken-json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'broken-json';
  const row = new Map<string, string>();
  return addMembers(row, value, '') ? row : 'number-too-large';
}

/** A value that stands alone in a list, empty for null; null where it is a list, an object, a number past all bounds or no JSON. */
export function jsonScalar(text: string): string | null {
  if (/^\s*[{[]/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (value === null) return '';
    return typeof value === 'number' && LONG_NUMBER.test(text) ? writtenOut(text.trim(), value) : scalar(value);
  } catch {
    return null;
  }
}

function addMembers(row: Map<string, string>, object: object, path: string): boolean {
  for (const [name, value] of Object.entries(object)) {
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value) && !addMembers(row, value, `${path}${name}.`)) return false;
      continue;
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return false;
    row.set(path + name, scalar(value) ?? '');
  }
  return true;
}

function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isFinite(value) ? String(value) : null;
}

/** Whole numbers of 16 digits and more, as identifiers are: not all of them are numbers to JavaScript, which would round them. */
const LONG_NUMBER = /\d{16}/;

function writtenOut(number: string, value: number): string | null {
  return /^-?\d+$/.test(number) ? number : scalar(value);
}

function withLongNumbersQuoted(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  const long = /"|-?\d{16,}(?![\d.eE])/g;
  for (let match = long.exec(text); match !== null; match = long.exec(text)) {
    const { index } = match;
    if (match[0] === '"') long.lastIndex = endOfString(text, index) + 1;
    else if (!/[\d.eE+-]/.test(text.charAt(index - 1))) {
      pieces.push(text.slice(from, index), `"${match[0]}"`);
      from = long.lastIndex;
    }
  }
  return pieces.join('') + text.slice(from);
}

/** Whether objects and lists lie deeper in each other than `limit`, without building anything. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
}

/** The place of the closing quotation mark, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ;) {
    const end = text.indexOf('"', at);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    at = end + 1;
  }
}
